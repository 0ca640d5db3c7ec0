// The execution driver's calls to the nodes of a real cluster: over HTTP to workers, directly to this node's
// own tasks.
#pragma once

#include <functional>

#include "coordinator/node_directory.h"
#include "coordinator/task_client.h"
#include "env/http_client.h"
#include "worker/task_pool.h"

namespace planaria::coordinator {

/// Thread-safe; does not block.
class ClusterTasks final : public TaskClient {
 public:
  /// Everything outlives this. `delete_here` deletes a query's outputs from the exchange and from this node.
  /// `must_be_active`, if any, is called before each call: see CoordinatorParts.
  ClusterTasks(HttpClient& client, const NodeDirectory& nodes, NodeId self, worker::TaskPool& own_tasks,
               std::function<void(const QueryId&)> delete_here, std::function<void()> must_be_active = {});

  void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
             std::function<void(Error)> failed) override;
  void AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                 std::function<void(Error)> failed) override;
  void Cancel(const NodeId& node, const TaskId& task) override;
  void DeleteOutputs(const QueryId& query) override;

 private:
  /// Fills in where they are, as far as they are other nodes than the reader's and there.
  void Locate(std::vector<protocol::OutputHolderMessage>& holders, const NodeId& reader) const;
  void Post(const std::string& url, std::string body, HttpHeaders headers, const TaskId& task,
            const char* what, std::function<void(Error)> failed);

  HttpClient& client_;
  const NodeDirectory& nodes_;
  const NodeId self_;
  worker::TaskPool& own_tasks_;
  const std::function<void(const QueryId&)> delete_here_;
  const std::function<void()> must_be_active_;
};

}  // namespace planaria::coordinator
