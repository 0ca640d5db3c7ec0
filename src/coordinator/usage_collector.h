// Asks the nodes what their tasks use.
#pragma once

#include <functional>
#include <memory>

#include "coordinator/node_directory.h"
#include "env/http_client.h"
#include "protocol/node_usage.h"
#include "worker/task_pool.h"

namespace planaria::coordinator {

/// Thread-safe.
class UsageCollector {
 public:
  /// Called with what a node answers, on any thread, until this object is destroyed.
  using Listener = std::function<void(const NodeId& node, const protocol::NodeUsage& usage)>;

  /// `own` are the tasks of the node `self`. Everything outlives this.
  UsageCollector(HttpClient& client, const NodeDirectory& nodes, NodeId self, const worker::TaskPool& own,
                 Listener listener);
  /// Waits for a call of the listener that is under way.
  ~UsageCollector();

  /// Asks every active node that has answered the last question. One that does not answer is not told of.
  void Ask();

 private:
  struct State;
  HttpClient& client_;
  const NodeDirectory& nodes_;
  const NodeId self_;
  const worker::TaskPool& own_;
  const std::shared_ptr<State> state_;
};

}  // namespace planaria::coordinator
