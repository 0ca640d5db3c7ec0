// The processes of a world: the real life cycles of workers and coordinator, over simulated parts.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "coordinator/cluster_tasks.h"
#include "coordinator/execution_driver.h"
#include "coordinator/node_directory.h"
#include "sim/faulty_store.h"
#include "sim/history.h"
#include "sim/model_tasks.h"
#include "sim/network.h"
#include "sim/plants.h"
#include "worker/task_pool.h"
#include "worker/worker_node.h"

namespace planaria::sim {

/// What every process of a world is made from.
struct WorldParts {
  SimLoop& loop;
  RandomSource& random;
  Conditions& conditions;
  Network& network;
  History& history;
  Table& table;
  std::shared_ptr<storage::MemoryObjectStore> objects;
  size_t inline_bytes = 0;
  Plant plant = Plant::kNone;

  std::shared_ptr<storage::StoreSet> StoreOf(const std::shared_ptr<Process>& process) const;
  ModelEnvironment EnvironmentOf(const std::shared_ptr<Process>& process) const;
};

/// One start of a worker.
class WorkerProcess {
 public:
  WorkerProcess(const WorldParts& parts, uint32_t host, const std::string& instance, uint32_t slots);
  /// The process dies, and the machine with it if `silent`.
  void Die(bool silent);
  ~WorkerProcess();

  const std::shared_ptr<Process>& process() const { return process_; }
  size_t running_tasks() const { return node_->tasks().running(); }

 private:
  const WorldParts& parts_;
  const std::shared_ptr<Process> process_;
  SimExecutor executor_;
  SimHttpClient client_;
  SimServer server_;
  ModelTaskRunner runner_;
  std::unique_ptr<worker::WorkerNode> node_;
};

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

/// The coordinator, with everybody's clients.
class CoordinatorProcess final : public coordinator::ExecutionListener {
 public:
  explicit CoordinatorProcess(const WorldParts& parts);
  ~CoordinatorProcess() override;

  void Submit(const ModelQuery& query);
  void Cancel(const ModelQuery& query);
  /// Queries that were submitted and are not yet forgotten.
  size_t open_queries() const { return open_.size(); }
  size_t running_tasks() const { return own_tasks_.running(); }
  const std::shared_ptr<Process>& process() const { return process_; }
  /// What the table shows of a query.
  Rows TableRows(const ModelQuery& query) const;

  void TaskStarted(const TaskId& task, const NodeId& node) override;
  void TaskEnded(const TaskId&, const protocol::TaskStats&) override {}
  /// Model queries are durable: nothing streams.
  void ResultStreams(const QueryId& query, std::vector<protocol::StreamSourceMessage>, bool) override {
    ReportStreaming(query);
  }
  void StreamFinished(const QueryId& query) override { ReportStreaming(query); }
  /// No journal is kept.
  void StageWasCut(const scheduler::StageCut&) override {}
  void ChoiceWasMade(const scheduler::ChoiceMade&) override {}
  void QueryFinished(const QueryId& query, std::vector<std::shared_ptr<const std::string>> outputs) override;
  void QueryFailed(const QueryId& query, const Error& error) override;

 private:
  [[noreturn]] static void ReportStreaming(const QueryId& query) {
    throw std::logic_error("query " + query.value + " streams");
  }
  void AddRoutes();
  void ReadResult(const ModelQuery& query, const std::vector<std::shared_ptr<const std::string>>& outputs);
  void Commit(const ModelQuery& query, const Rows& attempts);
  void Forget(const ModelQuery& query);

  const WorldParts& parts_;
  const std::shared_ptr<Process> process_;
  const std::shared_ptr<storage::StoreSet> exchange_;
  SimExecutor executor_;
  SimHttpClient client_;
  SimServer server_;
  ModelTaskRunner runner_;
  PlantedTasks planted_;
  coordinator::ExecutionDriver driver_;
  coordinator::NodeDirectory nodes_;
  worker::TaskPool own_tasks_;
  coordinator::ClusterTasks tasks_;
  std::map<QueryId, const ModelQuery*> open_;
  /// Attempts whose rows the table shows.
  std::set<TaskId> committed_;
};

}  // namespace planaria::sim
