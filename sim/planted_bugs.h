// Where bugs are planted: between the real parts of the coordinator.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "coordinator/execution_driver.h"
#include "coordinator/journal.h"
#include "coordinator/node_directory.h"
#include "coordinator/result_pages.h"
#include "sim/nodes.h"

namespace planaria::sim {

/// Between the driver and the nodes: where bugs are planted.
class PlantedTasks final : public coordinator::TaskClient {
 public:
  explicit PlantedTasks(const WorldParts& parts) : parts_(parts) {}
  coordinator::TaskClient* real = nullptr;
  coordinator::ExecutionDriver* driver = nullptr;
  const coordinator::NodeDirectory* nodes = nullptr;

  void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
             std::function<void(Error)> failed) override;
  void AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                 std::function<void(Error)> failed) override;
  void Cancel(const NodeId& node, const TaskId& task) override;
  void DeleteOutputs(const QueryId& query) override;
  /// True if the report is to go on to the driver; may have been changed.
  bool Pass(protocol::TaskReport& report);

 private:
  using PartitionOfQuery = std::tuple<QueryId, FragmentId, PartitionId>;
  void Alter(std::vector<std::string>& manifests);

  const WorldParts& parts_;
  /// Manifests of the attempts that finished first and last.
  std::map<PartitionOfQuery, std::string> first_;
  std::map<PartitionOfQuery, std::string> last_;
};

/// Tells what the driver gives up; the rest passes.
class ObservedTasks final : public coordinator::TaskClient {
 public:
  ObservedTasks(History& history, coordinator::TaskClient& real) : history_(history), real_(real) {}
  void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
             std::function<void(Error)> failed) override {
    real_.Start(node, std::move(descriptor), std::move(failed));
  }
  void AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                 std::function<void(Error)> failed) override {
    real_.AddInputs(node, std::move(message), std::move(failed));
  }
  void Cancel(const NodeId& node, const TaskId& task) override {
    history_.Tell(&Observer::TaskGivenUp, task);
    real_.Cancel(node, task);
  }
  void DeleteOutputs(const QueryId& query) override { real_.DeleteOutputs(query); }

 private:
  History& history_;
  coordinator::TaskClient& real_;
};

/// Between streamed results and the pages of their runs.
class PlantedRuns {
 public:
  explicit PlantedRuns(const WorldParts& parts) : parts_(parts) {}
  std::unique_ptr<coordinator::ResultPages> Pass(const QueryId& query,
                                                 std::unique_ptr<coordinator::ResultPages> run);

 private:
  class Pages;
  const WorldParts& parts_;
  /// What every run so far has given.
  std::map<QueryId, std::shared_ptr<std::vector<exchange::SpooledPage>>> given_;
};

/// Between the coordinator and its journal.
class PlantedJournal final : public coordinator::Journal {
 public:
  PlantedJournal(const WorldParts& parts, coordinator::Journal& real) : parts_(parts), real_(real) {}
  void Append(const QueryId& query, coordinator::JournalRecord record) override;
  void WhenDurable(const QueryId& query, std::function<void()> fn) override {
    real_.WhenDurable(query, std::move(fn));
  }
  void OnceDurable(const QueryId& query, std::function<void()> fn) override {
    real_.OnceDurable(query, std::move(fn));
  }
  void Drop(const QueryId& query) override { real_.Drop(query); }

 private:
  const WorldParts& parts_;
  coordinator::Journal& real_;
};

}  // namespace planaria::sim
