// Kills a worker in the middle of a query.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "server/demo/local_cluster.h"
#include "server/demo/task_attempts.h"

namespace planaria::server {

struct Kill {
  std::string worker;
  /// When the signal was sent.
  WallTime time;
  /// Tasks of the query that ran on it, as last seen before.
  size_t running_tasks = 0;
};

/// Watches the tasks of a query until some worker is busy with them, and kills the busiest with SIGKILL.
/// Nothing when `stop` was requested first.
std::optional<Kill> KillABusyWorker(LocalCluster& cluster, const TrinoSession& session,
                                    const std::string& query_id, std::stop_token stop);

}  // namespace planaria::server
