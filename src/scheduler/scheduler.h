// Decides what runs where, for all queries of a coordinator: events in, commands out.
//
// A query is a DAG of stages (fragments at work); a stage is a list of partitions (its tasks); a partition
// has attempts, and the first one that finishes commits it. Under TASK a stage's tasks start when every
// partition of its producers is committed; under NONE and QUERY all tasks run at once. Everything else here
// is about choosing nodes and about what to do when things fail; docs/scheduler.md has the rules on one page.
//
// Pure: no clock, thread, lock or I/O, and no randomness, so the same events at the same times give the same
// commands. One thread at a time drives it. An event costs O(log n) in tasks and nodes, apart from work that
// is proportional to what it changes (the tasks of a lost node, of an ended query, of a newly cut stage).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "scheduler/commands.h"
#include "scheduler/events.h"
#include "scheduler/plan.h"
#include "scheduler/status.h"

namespace planaria::scheduler {

/// Settings of the cluster; those of a query come with its plan.
struct SchedulerOptions {
  /// `node-scheduler.allowed-no-matching-node-period`: how long a query with tasks to run bears that no node
  /// could ever take them. Then it fails: NO_NODES_AVAILABLE, `No nodes available to run query`.
  Duration allowed_no_matching_node_period = std::chrono::minutes(2);
};

class Scheduler {
 public:
  explicit Scheduler(SchedulerOptions options = {});
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Takes in one event and says what to do now. Never throws for a bad event: late, doubled and unknown ones
  /// are ignored, contradictory ones fail their query.
  std::vector<Command> Handle(const Event& event, TimePoint now);

  /// When Tick is due at the latest (a retry delay ends, a wait for nodes has lasted too long). Nothing: only
  /// events can change anything. May be early; never late.
  std::optional<TimePoint> NextWakeup() const;

  /// The stages of a query, producers first; empty when it is unknown or forgotten. Ended queries stay
  /// visible until ForgetQuery.
  std::vector<StageStatus> Stages(const QueryId& query) const;

  /// How an attempt of the query's last run is; nothing when it is unknown or of an earlier run.
  std::optional<AttemptState> StateOf(const TaskId& task) const;

  /// The attempt runs on outputs of which some are offered only (OutputOffered): should it finish now,
  /// because it needed no more, that may not count before these are committed.
  bool RunsOnOffers(const TaskId& task) const;

  /// Every attempt of a query, for timelines and task tables: those of former streaming runs first, each by
  /// stage and partition.
  void VisitAttempts(const QueryId& query, const std::function<void(const AttemptStatus&)>& visit) const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace planaria::scheduler
