// A worker process's working part: tasks, reports, heartbeats and announcements.
#pragma once

#include <memory>
#include <string>

#include "env/executor.h"
#include "env/http_client.h"
#include "env/http_routes.h"
#include "protocol/task_messages.h"
#include "worker/announcer.h"
#include "worker/report_log.h"
#include "worker/task_pool.h"
#include "worker/task_runner.h"

namespace planaria::worker {

/// Lives between AddRoutes and the server's stop.
class WorkerNode {
 public:
  /// Everything passed by reference outlives the node.
  WorkerNode(Executor& executor, HttpClient& client, TaskRunner& runner, protocol::NodeAnnouncement self,
             Duration heartbeat_interval);
  ~WorkerNode();

  void AddRoutes(HttpRoutes& server);
  /// Begins to announce at `coordinator_uri`; call when the server answers.
  void Announce(const std::string& coordinator_uri);
  /// Stops announcing; running tasks go on.
  void StopAnnouncing() { announcer_.reset(); }
  TaskPool& tasks() { return tasks_; }

 private:
  struct Heart;

  Executor& executor_;
  HttpClient& client_;
  const protocol::NodeAnnouncement self_;
  const Duration heartbeat_interval_;
  ReportLog reports_;
  TaskPool tasks_;
  std::shared_ptr<Heart> heart_;
  std::unique_ptr<Announcer> announcer_;
};

}  // namespace planaria::worker
