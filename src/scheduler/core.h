// The scheduler's inside: one handler per event, then placing what became ready.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scheduler/node_pool.h"
#include "scheduler/node_wait.h"
#include "scheduler/query.h"
#include "scheduler/restored_attempts.h"
#include "scheduler/scheduler.h"

namespace planaria::scheduler {

class Scheduler::Core {
 public:
  explicit Core(SchedulerOptions options) : options_(options) {}

  std::vector<Command> Handle(const Event& event, TimePoint now);
  std::optional<TimePoint> NextWakeup() const;
  const Query* FindQuery(const QueryId& id) const;
  const NodePool& nodes() const { return nodes_; }

 private:
  /// An attempt that an event speaks of. The references hold until its query is forgotten or its stage cut.
  struct Located {
    Query& query;
    uint32_t stage;
    uint32_t partition;
    uint32_t attempt;
  };
  enum class Placement : uint8_t { kPlaced, kNoSlot, kNothing };

  // core.cc: events
  void On(const SubmitQuery& event);
  void On(const SplitsAdded& event);
  void On(const NodeJoined& event);
  void On(const NodeLost& event);
  void On(const NodeDraining& event);
  void On(const OutputOffered& event);
  void On(const TaskFinished& event);
  void On(const TaskFailed& event);
  void On(const CutRestored& event);
  void On(const ChoiceRestored& event);
  void On(const MergeRestored& event);
  void On(const OutputRestored& event);
  void On(const AttemptRestored& event);
  void On(const TaskAdopted& event);
  void On(const ResultTaken& event);
  void On(const CancelQuery& event);
  void On(const ForgetQuery& event);
  void On(const Tick&) {}

  Query* FindActive(const QueryId& id);
  Query* FindActive(uint64_t serial);
  std::optional<Located> Locate(const TaskId& task);
  /// Nothing when it has ended.
  std::optional<Located> LocateRunning(const TaskRef& task);
  /// Tells of new choices and cuts, and gives the query its turns.
  void EnqueueReady(Query& query);

  // recovery.cc: what failures lead to
  void LoseNode(NodeIndex node, const Error& reason);
  void LoseOutputs(NodeIndex node, const Error& error);
  /// A running attempt failed or is lost, and this is held against its task.
  void FailAttempt(const Located& task, AttemptState state, const Error& error);
  /// A node that said that it leaves may be gone before it could hand back what was on its way to it.
  bool LeftWithItsNode(const Located& task, const Error& error) const;
  /// Ends a running attempt as failed or lost, gives its slot back and counts it.
  void EndFailedAttempt(const Located& task, AttemptState state);
  /// True when the failure came from a producer's lost output, which then runs again: nothing to hold against
  /// this task.
  bool BlameProducer(const Located& reader, const TaskId& producer, const Error& error);
  /// Counts the failure against the partition: it runs again, or the query ends.
  void RetryOrFail(const Located& task, const Error& error, uint64_t peak_memory_bytes);
  /// Back to the queue, unless another attempt still runs.
  void RunAgain(Query& query, uint32_t stage, uint32_t partition);
  /// After it ran out of memory: more for the next attempt, or smaller pieces instead, or the query's end.
  /// False: the partition does not run again.
  bool GrowOrDivide(const Located& task, const Error& error, uint64_t peak_memory_bytes);
  void CancelAttempt(const Located& task);
  void InvalidateOutput(Query& query, uint32_t stage, uint32_t partition, const Error& error);
  void FinishQuery(Query& query);
  void FailQuery(Query& query, const Error& error, std::optional<uint32_t> stage);
  void StopRunning(Query& query);
  void StopStage(Query& query, uint32_t stage);

  // placement.cc: who runs next, and where
  void FireTimers();
  void Place();
  void PlaceOnCoordinator();
  void FailAfterWait(const NodeWait& wait);
  void PlaceRound();
  Placement PlaceOne(Query& query);
  /// A node for a queued partition, after its expected memory was set.
  std::optional<NodeIndex> ChooseNode(Query& query, uint32_t stage, uint32_t partition);
  /// Leases the node and sends the command.
  void BeginAttempt(const Located& task);
  void StartPartition(Query& query, uint32_t stage, uint32_t partition, NodeIndex node);

  // early_reading.cc: tasks that start before their producers have finished
  void FindEarlyReaders(const Query& query, uint32_t producer);
  void StartEarlyReaders();
  /// Tells them of an output that was committed, or that no more will come.
  void TellEarlyReaders(Query& query, uint32_t producer, std::optional<uint32_t> partition);
  /// The attempt ends, or its output cannot be read: nobody is given it any more.
  void WithdrawOffer(const Located& task);
  /// What they were given is not right any more.
  void CancelEarlyReaders(Query& query, uint32_t producer);
  /// Cancels one when other tasks wait for its slot. False: nobody waits, or there is none.
  bool TakeSlotFromEarlyReader();

  // straggling.cc: second copies of slow tasks
  void WatchStragglers(Query& query, uint32_t stage);
  void CopyStragglers();
  bool CopyOne(Query& query, uint32_t stage);

  // restoring.cc: after a restart of the coordinator
  std::optional<Located> RestoreAttempt(const TaskId& task, const NodeId& node);
  void LeaseRestored(NodeIndex node);
  void LoseUnadopted();

  // streaming.cc: queries whose tasks stream to each other
  void AddStreamedSplits(Query& query, uint32_t stage, const SplitsAdded& event);
  void EnqueueRun(Query& query);
  void PlaceGangs();
  bool PlaceGang(Query& query, bool others_wait);
  void WatchRun(const Query& query);
  void FireRunTimers();
  void FinishStreamed(const Located& task, const TaskOutput& output);
  void FailStreamed(const Located& task, AttemptState state, const Error& error);
  void EndRun(Query& query, bool node_lost);
  void BecomeDurable(Query& query);
  /// A node is lost for sure: runs that waited for this start now.
  void RunAgainAfterLoss();
  /// Ends stages that only complete stages read.
  void EndUnreadProducers(Query& query, uint32_t stage);

  const SchedulerOptions options_;
  TimePoint now_;
  std::vector<Command> commands_;
  NodePool nodes_;
  uint64_t next_serial_ = 1;
  std::unordered_map<QueryId, uint64_t> serials_;
  std::map<uint64_t, std::unique_ptr<Query>> queries_;
  /// Queries with tasks for workers, in the order of their turns; ended ones drop out when their turn comes.
  std::deque<uint64_t> round_;
  std::set<uint64_t> coordinator_ready_;
  /// Streaming queries that wait for their start, in order; ended ones drop out.
  std::deque<uint64_t> gangs_;
  /// When streaming runs want a look; an entry may be out of date.
  std::set<std::pair<TimePoint, uint64_t>> run_timers_;
  std::set<uint64_t> waiting_for_loss_;
  /// When stages may have stragglers: time, query, stage.
  std::set<std::tuple<TimePoint, uint64_t, uint32_t>> straggler_timers_;
  /// Ends of retry delays. An entry may be out of date; the partition's own `due` decides.
  std::set<std::pair<TimePoint, TaskRef>> delayed_;
  /// Query and stage of what may read early; entries may be out of date.
  std::set<std::pair<uint64_t, uint32_t>> early_ready_;
  /// Query, stage and partition of what reads early; the stage knows whether it still does.
  std::set<std::tuple<uint64_t, uint32_t, uint32_t>> early_running_;
  RestoredAttempts restored_;
  /// Attempts that were running when their node was lost: if the same process comes back, they run there
  /// without a slot, and are cancelled.
  std::map<NodeIndex, std::vector<TaskId>> given_up_;
  NodeWait worker_wait_;
  NodeWait coordinator_wait_;
};

}  // namespace planaria::scheduler
