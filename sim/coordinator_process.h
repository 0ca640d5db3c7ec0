// One start of the coordinator: its real life cycle, with the simulator's queries and its own way to clients.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/cluster_tasks.h"
#include "coordinator/execution_driver.h"
#include "coordinator/journal_keeper.h"
#include "coordinator/node_directory.h"
#include "coordinator/object_journal.h"
#include "coordinator/streamed_results.h"
#include "sim/nodes.h"
#include "sim/planted_bugs.h"
#include "worker/task_pool.h"

namespace planaria::sim {

/// Clients ask it (sim/clients.h):
///
///   GET /v1/result/{query}/{page}   200: rows of the page; with kEndHeader: there are no more pages
///                                   410: the error, as a task report; 404: a query that is not known
class CoordinatorProcess final : public coordinator::ExecutionListener {
 public:
  /// Takes up what earlier starts have left. Throws what the store throws.
  CoordinatorProcess(const WorldParts& parts, const std::string& instance);
  ~CoordinatorProcess() override;
  /// The process dies, and the machine with it if `silent`.
  void Die(bool silent);

  void Submit(const ModelQuery& query);
  void Cancel(const ModelQuery& query);
  size_t running_tasks() const { return own_tasks_.running(); }
  size_t streamed_outputs() const { return streams_.size(); }
  const std::shared_ptr<Process>& process() const { return process_; }

  void TaskStarted(const TaskId& task, const NodeId& node) override;
  void TaskReported(const protocol::TaskReport& report, const std::function<void()>& settled) override {
    keeper_.Report(report, settled);
  }
  void TaskGivenUp(const TaskId& task) override { keeper_.GiveUp(task); }
  void TaskEnded(const TaskId&, const protocol::TaskStats&) override {}
  void ResultStreams(const QueryId& query, std::vector<protocol::StreamSourceMessage> sources,
                     bool hold) override;
  void StreamFinished(const QueryId& query) override;
  void StageWasCut(const scheduler::StageCut& cut) override { keeper_.Cut(cut); }
  void ChoiceWasMade(const scheduler::ChoiceMade& choice) override { keeper_.Choice(choice); }
  void MergeWasDecided(const scheduler::MergeDecided& decision) override { keeper_.Merge(decision); }
  void QueryFinished(const QueryId& query, std::vector<coordinator::ResultOutput> outputs) override;
  void QueryFailed(const QueryId& query, const Error& error) override;

 private:
  /// A query as it is kept for its client.
  struct Served {
    const ModelQuery* query = nullptr;
    bool ended = false;
    std::optional<Error> error;
    std::unique_ptr<coordinator::ResultPages> pages;
    /// All pages that there will be are in `pages`.
    bool complete = false;
    bool committed = false;
    bool taken = false;
    /// What was read of them.
    std::vector<Rows> given;
    bool at_end = false;
    /// The client's last question.
    std::shared_ptr<HttpCall> waiting;
    size_t asked = 0;
    Duration asked_at{};
  };

  coordinator::NodeDirectory::Listener NodeListener();
  coordinator::StreamedResultsParts ResultsParts();
  void Recover();
  void Recover(const QueryId& id, coordinator::ObjectJournal::Recovered journal);
  void Sweep();
  void AdoptTasks(const protocol::NodeAnnouncement& node);
  void Settled(const TaskId& task);
  bool Runs(const QueryId& query) const;
  void AddRoutes();
  void Give(const QueryId& id, const std::vector<coordinator::ResultOutput>& outputs);
  void Complete(const QueryId& id, std::unique_ptr<coordinator::ResultPages> pages);
  void Commit(const ModelQuery& query, const std::vector<Rows>& attempts);
  /// Reads on, commits what was written, answers who waits.
  void Answer(const QueryId& id);
  /// True when the page that is asked for, or the end, is there; for a write, when it is committed too.
  bool ReadOn(const QueryId& id, Served& served);
  void Fail(const QueryId& id, const Error& error);
  void Ended(const QueryId& id);
  void WatchClient(const QueryId& id);
  void DropLater(const QueryId& id);

  const WorldParts& parts_;
  const std::shared_ptr<Process> process_;
  const std::shared_ptr<storage::StoreSet> exchange_;
  SimExecutor executor_;
  SlowExecutor writing_;
  SimHttpClient client_;
  SimServer server_;
  SimWorkQueue work_;
  exchange::StreamStore streams_;
  ModelTaskRunner runner_;
  PlantedTasks planted_;
  coordinator::ObjectJournal journal_;
  PlantedJournal planted_journal_;
  coordinator::JournalKeeper keeper_;
  ObservedTasks observed_;
  coordinator::DescriptorStorage storage_{{}};
  coordinator::ExecutionDriver driver_;
  coordinator::NodeDirectory nodes_;
  worker::TaskPool own_tasks_;
  coordinator::ClusterTasks tasks_;
  PlantedRuns planted_runs_;
  coordinator::StreamedResults results_;
  std::map<QueryId, Served> served_;
};

/// There is no page of this number.
inline constexpr const char* kEndHeader = "X-Sim-End";

}  // namespace planaria::sim
