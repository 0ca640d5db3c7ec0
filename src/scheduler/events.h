// What the scheduler is told. Events may come late, twice or for things that are gone: those change nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "scheduler/commands.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

/// Answered by QueryFailed when the plan has a fault (FindPlanFault).
struct SubmitQuery {
  QueryId query;
  QueryPlan plan;
};

/// A split is a number here; the coordinator keeps what it stands for.
struct SplitInfo {
  uint32_t index = 0;
  /// 0 when unknown.
  uint64_t bytes = 0;
};

/// More splits of one scan; `last` ends the scan. Splits of an unknown scan fail the query.
struct SplitsAdded {
  QueryId query;
  FragmentId fragment;
  uint32_t scan = 0;
  std::vector<SplitInfo> splits;
  bool last = false;
};

/// A node is there. `instance` is new for every start of its process: another instance of a known node means
/// that the former one is lost. The same instance again updates slots and memory and ends draining.
struct NodeJoined {
  NodeId node;
  std::string instance;
  /// Tasks it runs at once; 0 for a coordinator that runs none but its own.
  uint32_t slots = 0;
  /// Memory for tasks; 0 when unknown, then only slots count.
  uint64_t memory_bytes = 0;
  bool is_coordinator = false;
};

/// The node is gone with all that ran there. `instance` keeps late news of an earlier start from harming the
/// next one; empty means whichever is there.
struct NodeLost {
  NodeId node;
  Error reason;
  std::string instance = {};
};

/// The node gets no new tasks; the running ones go on.
struct NodeDraining {
  NodeId node;
};

struct PartitionSize {
  uint64_t bytes = 0;
  uint64_t rows = 0;
};

struct TaskOutput {
  /// By output partition; missing ones at the end are empty.
  std::vector<PartitionSize> partitions;
  /// Opaque here; given back with CommittedOutput. May be null.
  std::shared_ptr<const void> manifest;
  /// The most memory that the task held; 0 when unknown.
  uint64_t peak_memory_bytes = 0;
};

/// The task's output is made and lies on its node while it is being stored. The task runs on and ends like
/// any other, but takes no slot and no memory any more; until then early readers may be given its output,
/// which is the one that TaskFinished will bring. Under TASK only. A reader's TaskFinished waits for that of
/// what it was offered (Scheduler::RunsOnOffers).
struct OutputOffered {
  TaskId task;
  TaskOutput output;
};

/// A streaming task finishes when its readers have taken all of its output, or need no more of it.
struct TaskFinished {
  TaskId task;
  TaskOutput output;
};

struct TaskFailed {
  TaskId task;
  Error error;
  /// The producer attempt whose output could not be read: that one runs again, and the failure is not held
  /// against the reader.
  std::optional<TaskId> lost_producer = {};
  /// The most memory that the task held; 0 when unknown.
  uint64_t peak_memory_bytes = 0;
};

/// After a restart of the coordinator, from its journal: how a stage had been cut. All of them come in their
/// old order after SubmitQuery and before the splits; splits that are in a cut are not cut again.
struct CutRestored {
  StageCut cut;
};

/// The same for a choice between two plans of a join. Comes before all outputs and attempts.
struct ChoiceRestored {
  ChoiceMade choice;
};

/// The same for whether a fragment merges. Comes before the cuts of its readers and all outputs.
struct MergeRestored {
  MergeDecided decision;
};

/// After a restart of the coordinator, from its journal: the attempt had committed. Comes after SubmitQuery,
/// the cuts and all splits of the query, before any node joins.
struct OutputRestored {
  TaskId task;
  NodeId node;
  TaskOutput output;
};

/// After a restart of the coordinator: the attempt was started and may still run on its node (which says so
/// with TaskAdopted once it is back) or have finished meanwhile. An attempt of an earlier start that nobody
/// restores is unknown: what comes of it changes nothing.
struct AttemptRestored {
  TaskId task;
  NodeId node;
  /// False when it is known not to run any more: it runs again, but may have finished before.
  bool complete = true;
};

/// The node, which has joined, still runs this attempt of an earlier start. It is cancelled unless it was
/// restored.
struct TaskAdopted {
  TaskId task;
  NodeId node;
};

/// The first row went to the client: a streaming run can no longer be repeated.
struct ResultTaken {
  QueryId query;
};

/// Ends a running query with `error`.
struct CancelQuery {
  QueryId query;
  Error error;
};

/// The result was read (or nobody will): drops what is kept of an ended query, and its root's output. A query
/// that still runs is cancelled first (ABANDONED_QUERY).
struct ForgetQuery {
  QueryId query;
};

/// Time has passed; due by NextWakeup().
struct Tick {};

using Event =
    std::variant<SubmitQuery, SplitsAdded, NodeJoined, NodeLost, NodeDraining, OutputOffered, TaskFinished,
                 TaskFailed, CutRestored, ChoiceRestored, MergeRestored, OutputRestored, AttemptRestored,
                 TaskAdopted, ResultTaken, CancelQuery, ForgetQuery, Tick>;

}  // namespace planaria::scheduler
