// What the scheduler wants done. Carried out in order; none of them answers, results come back as events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

/// The one attempt of a producer's partition that readers use.
struct CommittedOutput {
  PartitionId partition;
  AttemptId attempt;
  /// Where it ran.
  NodeId node;
  /// As reported by TaskFinished.
  std::shared_ptr<const void> manifest;
};

/// The partitions of one producer fragment in ascending order, shared by every reader. Partitions that are
/// not needed (row limits, tasks cut again) or not yet there (incomplete inputs) are missing.
using CommittedOutputs = std::shared_ptr<const std::vector<CommittedOutput>>;

/// A task whose output is read while it runs (policies NONE and QUERY).
struct StreamedOutput {
  TaskId task;
  NodeId node;
};
using StreamedOutputs = std::shared_ptr<const std::vector<StreamedOutput>>;

/// One input of a task, in the order of FragmentPlan::inputs.
struct TaskInput {
  FragmentId producer;
  InputMode mode = InputMode::kPartitioned;
  /// Which output partitions of every producer task to read.
  std::vector<uint32_t> partitions;
  /// Spooled inputs; null when streamed. All producer partitions when `complete`.
  CommittedOutputs outputs;
  /// Streamed inputs; null when spooled.
  StreamedOutputs streams = nullptr;
  /// False: the task starts on part of its producers' outputs; AddInputs brings the others.
  bool complete = true;
};

/// Who will read a streamed output: every page of a partition stays until all its readers have it.
struct StreamReader {
  TaskId task;
  /// Partitions of the producer that it reads.
  std::vector<uint32_t> partitions;
};
using StreamReaders = std::shared_ptr<const std::vector<StreamReader>>;

struct ScanSplits {
  uint32_t scan = 0;
  std::vector<uint32_t> splits;
};

struct StartTask {
  TaskId task;
  NodeId node;
  /// Every scan of the fragment, also those of which this task gets no split.
  std::vector<ScanSplits> splits;
  std::vector<TaskInput> inputs;
  /// What the node is assumed to give it; 0 when unknown.
  uint64_t memory_bytes = 0;
  /// Null when the output is spooled. Empty for the root of a streaming query: the client reads it.
  StreamReaders readers = nullptr;
  /// The readers belong to more than one input: one may have to wait for another, so the output must never
  /// hold back its producer (it spills instead).
  bool readers_may_wait_for_each_other = false;
};

/// More committed outputs for a task that was started on incomplete inputs. Those it has already are not
/// repeated.
struct AddInputs {
  TaskId task;
  NodeId node;
  /// As the plan names it.
  FragmentId producer;
  CommittedOutputs outputs;
  /// Set when nothing comes after this: so many outputs the producer has in all. Commands may overtake each
  /// other on their way, so the input is complete when it has that many, not when this arrives.
  std::optional<uint32_t> total = {};
};

/// Also for tasks of ended and unknown queries that a node says it runs (TaskAdopted).
struct CancelTask {
  TaskId task;
  NodeId node;
  /// Its end has no effect any more; otherwise (it was lost with its node) its output may still be taken.
  bool for_good = false;
};

/// Of one input (a position in FragmentPlan::inputs) a task reads only the producer's partitions p with
/// p % count == index. Several tasks share a hash partition in this way.
struct InputSlice {
  uint32_t input = 0;
  uint32_t index = 0;
  uint32_t count = 1;
};

/// What one task of a stage does, the same in each of its attempts.
struct TaskWork {
  std::vector<ScanSplits> splits;
  /// Hash partitions to read.
  std::vector<uint32_t> reads;
  std::optional<InputSlice> slice = {};
};

/// Tasks were added to a stage of a TASK query, numbered on from the ones it has. For the journal: together
/// with the plan this is all that a restarted coordinator has to know to cut the query in the same way
/// (CutRestored). Comes before the first StartTask of these tasks. Not for stages without scans that are a
/// single task.
struct StageCut {
  QueryId query;
  FragmentId fragment;
  std::vector<TaskWork> tasks;
  /// No more tasks come, apart from pieces of a task that is cut again.
  bool last = false;
  /// The tasks are the pieces of this one, which never runs again.
  std::optional<PartitionId> replaces = {};
};

/// A JoinChoice (a position in QueryPlan::choices) was made; what the other plan had begun is cancelled. For
/// the journal, like StageCut; comes before the first StartTask of the chosen plan.
struct ChoiceMade {
  QueryId query;
  uint32_t choice = 0;
  bool broadcast = false;
};

/// It was decided whether a fragment merges (FragmentPlan::merges). For the journal, like ChoiceMade; comes
/// before the first task of its readers is cut or started.
struct MergeDecided {
  QueryId query;
  FragmentId fragment;
  bool merges = false;
};

/// An AUTO query stops streaming: all its tasks were cancelled, what was held of its result is void, and it
/// goes on as TASK with attempt numbers from `first_attempt`.
struct BecameDurable {
  QueryId query;
  uint32_t first_attempt = 0;
};

/// A streaming run of a query has started: the outputs of its root stage's tasks (often several) together are
/// the result, while they run. The client reads all of them, in any order, as the only reader (reader 0 of
/// each; StartTask::readers is empty for them).
struct ResultStreams {
  QueryId query;
  StreamedOutputs roots;
  /// The run may fail and be repeated: no row may be given out before QueryFinished. What was held of an
  /// earlier run is void.
  bool hold = false;
};

/// The root's outputs are the result. They stay until ForgetQuery. Null outputs: the result was streamed and
/// is complete with what the root stage's tasks have written.
struct QueryFinished {
  QueryId query;
  FragmentId root;
  CommittedOutputs outputs;
};

/// `error` has up to five other failures as suppressed ones.
struct QueryFailed {
  QueryId query;
  Error error;
};

/// Nobody reads the outputs any more: of one fragment, or of the whole query when none is named.
struct DeleteExchange {
  QueryId query;
  std::optional<FragmentId> fragment = {};
};

using Command = std::variant<StartTask, AddInputs, CancelTask, StageCut, ChoiceMade, MergeDecided,
                             BecameDurable, ResultStreams, QueryFinished, QueryFailed, DeleteExchange>;

}  // namespace planaria::scheduler
