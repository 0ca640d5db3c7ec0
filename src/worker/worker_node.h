// A worker process's working part: tasks, reports, heartbeats and announcements.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "env/executor.h"
#include "env/http_client.h"
#include "env/http_routes.h"
#include "protocol/task_messages.h"
#include "worker/announcer.h"
#include "worker/node_drain.h"
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
  /// Begins to announce at each of `coordinator_uris`; call when the server answers.
  void Announce(const std::vector<std::string>& coordinator_uris);
  /// Leaves the cluster: the coordinator learns that this node takes no new tasks, and what runs ends or is
  /// handed back (node_drain.h). `done` is called once, on any thread; again changes nothing.
  void Drain(Duration grace, std::function<void()> done);
  /// Running tasks go on.
  void StopAnnouncing();
  TaskPool& tasks() { return tasks_; }

 private:
  struct Heart;

  Executor& executor_;
  HttpClient& client_;
  const Duration heartbeat_interval_;
  ReportLog reports_;
  TaskPool tasks_;
  std::shared_ptr<Heart> heart_;
  std::mutex mutex_;
  protocol::NodeAnnouncement self_;
  std::unique_ptr<Announcer> announcer_;
  std::unique_ptr<NodeDrain> drain_;
};

}  // namespace planaria::worker
