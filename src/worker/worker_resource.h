// The worker's side of the internal protocol, as HTTP routes.
//
//   POST   /v1/task                       body: TaskDescriptor; header X-Planaria-Acknowledge: last report
//                                         received
//   DELETE /v1/task/{id}                  cancels
//   GET    /v1/task/reports?after=N       endless: report frames and heartbeats (report_log.h)
//   DELETE /v1/task/reports?through=N     acknowledges
#pragma once

#include "env/http_routes.h"
#include "worker/report_log.h"
#include "worker/task_pool.h"

namespace planaria::worker {

inline constexpr const char* kAcknowledgeHeader = "X-Planaria-Acknowledge";

/// Adds the routes to `server`. `instance` is this start of the process: a stream opened for another one is
/// refused with 410. Both objects must outlive the server's running.
void AddWorkerRoutes(HttpRoutes& server, const std::string& instance, TaskPool& tasks, ReportLog& reports);

}  // namespace planaria::worker
