// The worker's side of the internal protocol, as HTTP routes.
//
//   POST   /v1/task                       body: TaskDescriptor; headers below
//   GET    /v1/task                       ids of the running tasks, one a line
//   GET    /v1/task/usage                 body: NodeUsage
//   POST   /v1/task/{id}/inputs           body: AddInputsMessage
//   DELETE /v1/task/{id}                  cancels
//   GET    /v1/task/reports?after=N       endless: report frames and heartbeats (report_log.h)
//   DELETE /v1/task/reports?through=N     acknowledges
//
// What is meant for one start of the process (header, parameter `instance`) is refused by every other.
// exchange/stream_routes.h has the routes under which running tasks are read.
#pragma once

#include "env/http_routes.h"
#include "worker/report_log.h"
#include "worker/task_pool.h"

namespace planaria::worker {

/// Number of the last report that the coordinator has.
inline constexpr const char* kAcknowledgeHeader = "X-Planaria-Acknowledge";
/// The start of the process that a request is meant for; every other refuses it with kOtherInstance.
inline constexpr const char* kInstanceHeader = "X-Planaria-Instance";
inline constexpr int kOtherInstance = 410;

/// Adds the routes to `server`. `instance` is this start of the process: a stream opened for another one is
/// refused with 410. Both objects must outlive the server's running.
void AddWorkerRoutes(HttpRoutes& server, const std::string& instance, TaskPool& tasks, ReportLog& reports);

}  // namespace planaria::worker
