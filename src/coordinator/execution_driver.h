// Drives the pure scheduler: turns its commands into calls on nodes, and what nodes report into its events.
//
// All of it runs on one executor, one function at a time, with a clock that is passed in and without a
// thread, a socket or DuckDB: the simulator (sim/) runs this very code.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "coordinator/descriptor_storage.h"
#include "coordinator/execution.h"
#include "coordinator/journal_record.h"
#include "coordinator/task_client.h"
#include "env/clock.h"
#include "env/executor.h"
#include "scheduler/scheduler.h"

namespace planaria::coordinator {

/// A committed output of a root, and the node that made it.
struct ResultOutput {
  std::shared_ptr<const KeptBytes> manifest;
  NodeId node;
};

/// What becomes of queries. Called on the driver's executor, in the order in which things happen; must not
/// block and may call the driver.
class ExecutionListener {
 public:
  virtual ~ExecutionListener() = default;
  virtual void TaskStarted(const TaskId& task, const NodeId& node) = 0;
  /// The final report of an attempt is about to take effect. `settled` is to be called once, on any thread,
  /// when the node may forget it.
  virtual void TaskReported(const protocol::TaskReport& report, const std::function<void()>& settled) {
    static_cast<void>(report);
    settled();
  }
  /// What an attempt reports from now on has no effect.
  virtual void TaskGivenUp(const TaskId& task) { static_cast<void>(task); }
  /// An attempt has ended, well or badly.
  virtual void TaskEnded(const TaskId& task, const protocol::TaskStats& stats) = 0;
  /// A streaming run has begun: the outputs of these tasks together are the result, for a reader of the name
  /// kResultReader. `hold`: the run may be repeated, no row may be given out before StreamFinished. What was
  /// held of an earlier run is void.
  virtual void ResultStreams(const QueryId& query, std::vector<protocol::StreamSourceMessage> sources,
                             bool hold) = 0;
  /// The streamed result is complete with what its tasks have written.
  virtual void StreamFinished(const QueryId& query) = 0;
  /// Tasks of a TASK query were cut, none of which was started yet.
  virtual void StageWasCut(const scheduler::StageCut& cut) = 0;
  /// Between two plans of a join; no task of the chosen one was started yet.
  virtual void ChoiceWasMade(const scheduler::ChoiceMade& choice) = 0;
  /// Whether a fragment merges; no task of its readers was started yet.
  virtual void MergeWasDecided(const scheduler::MergeDecided& decision) = 0;
  /// The manifests of the root's outputs are the result; the outputs stay readable until Forget.
  virtual void QueryFinished(const QueryId& query, std::vector<ResultOutput> outputs) = 0;
  virtual void QueryFailed(const QueryId& query, const Error& error) = 0;
};

/// What a driver works with. Everything outlives the driver; calls of the executor may come later.
struct ExecutionDriverParts {
  /// Runs one function at a time, in the order of posting.
  Executor* executor = nullptr;
  const Clock* clock = nullptr;
  TaskClient* tasks = nullptr;
  ExecutionListener* listener = nullptr;
  /// Keeps the manifests of committed outputs.
  DescriptorStorage* storage = nullptr;
  scheduler::SchedulerOptions options = {};
};

/// Any thread may call; what has an effect takes it later, in the order of the calls.
class ExecutionDriver {
 public:
  explicit ExecutionDriver(const ExecutionDriverParts& parts);
  /// Not while the executor runs a function of this driver on another thread (stop it first). Functions that
  /// are still queued do nothing.
  ~ExecutionDriver();
  ExecutionDriver(const ExecutionDriver&) = delete;
  ExecutionDriver& operator=(const ExecutionDriver&) = delete;

  void Submit(const QueryId& query, std::shared_ptr<const Execution> execution);
  /// Goes on with a TASK query that an earlier start of the coordinator has begun. `records` are its journal:
  /// what they know is not done again, and what attempts report that they do not know has no effect. Attempts
  /// on the nodes `gone` are not waited for; numbers of new ones begin at `first_attempt`, above all former
  /// ones. Before any node joins.
  void Restore(const QueryId& query, std::shared_ptr<const Execution> execution,
               std::vector<JournalRecord> records, std::set<NodeId> gone, uint32_t first_attempt);
  /// A node that has joined still runs an attempt that was restored.
  void TaskAdopted(scheduler::TaskAdopted task);
  /// Ends a query with `error`, unless it has ended.
  void Cancel(const QueryId& query, const Error& error);
  /// Fails a running attempt on `node`, which is to end it: it runs again, or its run fails, as if it had
  /// reported `error` and this peak of memory.
  void FailTask(const TaskId& task, const NodeId& node, const Error& error, uint64_t peak_memory_bytes);
  /// The streamed result of these tasks, the roots of one run, could not be taken in: as a task fails that
  /// reads them, so does the run.
  void ResultFailed(std::vector<TaskId> roots, const Error& error);
  /// A row of a streamed result was given out: its run can no longer be repeated.
  void ResultTaken(const QueryId& query);
  /// The result was read, or nobody will: drops all that is kept of the query.
  void Forget(const QueryId& query);

  void NodeJoined(scheduler::NodeJoined node);
  void NodeLost(scheduler::NodeLost node);
  void NodeDraining(scheduler::NodeDraining node);
  /// The final report of an attempt, from whichever node. `settled` is called once, on any thread, when the
  /// node may forget it.
  void Report(
      protocol::TaskReport report, std::function<void()> settled = [] {});

  /// What can be seen of a query (scheduler/status.h).
  std::vector<scheduler::StageStatus> Stages(const QueryId& query) const;
  std::vector<scheduler::AttemptStatus> Attempts(const QueryId& query) const;

 private:
  class Core;
  const std::shared_ptr<Core> core_;
};

}  // namespace planaria::coordinator
