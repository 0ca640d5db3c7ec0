// A fragment at work: its partitions, their attempts, and which of them may start.
//
// A partition's life: queued -> running -> committed, with detours: a failure puts it back to queued (at
// once) or delayed (until its retry is due); a lost output puts a committed one back to queued. A stage
// changes only its own books; nodes, timers and other stages are the scheduler's and the query's.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "scheduler/commands.h"
#include "scheduler/events.h"
#include "scheduler/failure.h"
#include "scheduler/memory_estimator.h"
#include "scheduler/node_pool.h"
#include "scheduler/plan.h"
#include "scheduler/speculation.h"
#include "scheduler/split_assigner.h"
#include "scheduler/status.h"

namespace planaria::scheduler {

struct Attempt {
  NodeIndex node = 0;
  /// As in its task's id; grows within a partition, with gaps.
  uint32_t number = 0;
  AttemptState state = AttemptState::kRunning;
  /// Of a straggler that still ran when this one started.
  bool is_copy = false;
  /// The query's count of lost outputs when this attempt's inputs were fixed.
  uint64_t generation = 0;
  TimePoint started;
  TimePoint ended;
};

enum class PartitionState : uint8_t {
  kQueued,
  kDelayed,
  kRunning,
  kCommitted,
  /// Its work went to other partitions; never runs again.
  kRetired,
};

struct Partition {
  PartitionState state = PartitionState::kQueued;
  TaskSplits splits;
  /// Hash partitions to read.
  std::vector<uint32_t> reads;
  std::optional<InputSlice> slice;
  std::vector<Attempt> attempts;
  /// The attempt that committed.
  uint32_t committed = 0;
  /// The attempt whose output is being stored, and may be given to early readers.
  std::optional<uint32_t> offered;
  /// Attempts that run: one, or two while there is a copy.
  uint8_t running = 0;
  uint8_t out_of_memory = 0;
  std::shared_ptr<const void> manifest;
  /// Of the committed output.
  uint64_t rows = 0;
  /// Granted to the last attempt, or due to the next one.
  uint64_t memory_bytes = 0;
  /// When a delayed partition may run again.
  TimePoint due;
  /// Made by the first failure: most partitions never have one.
  std::unique_ptr<FailureHistory> failures;
  /// Where it failed: not again there while another node lives.
  std::vector<NodeIndex> avoid;
  /// Its sizes are in the stage's sums; a second commit has the same rows and must not count again.
  bool measured = false;
  /// Has an entry among the stage's retries, perhaps one that a late commit has overtaken.
  bool listed_for_retry = false;

  /// The position of an attempt.
  std::optional<uint32_t> Find(uint32_t number) const;
};

class Stage {
 public:
  Stage(const FragmentPlan& plan, const QueryLimits& limits);

  const FragmentPlan plan;
  /// The number of the first attempt that is made of a partition.
  uint32_t first_attempt = 0;
  SplitAssigner assigner;
  /// Edges to producers that are not complete; tasks start at 0.
  uint32_t open_inputs = 0;
  /// No partition will be added.
  bool cut = false;
  /// Nobody needs the rest of its output: complete with what there is.
  bool ended_early = false;
  /// Waits for the choice that it is part of, or for whether it merges.
  bool undecided = false;
  /// Its join runs by the other plan, or it does not merge: nobody needs anything of it.
  bool dropped = false;
  std::vector<Partition> partitions;
  /// Attempts that run, and how many of them are copies.
  uint32_t running = 0;
  uint32_t copies = 0;
  uint32_t committed = 0;
  /// Partitions that have an offer.
  uint32_t offered = 0;
  uint32_t retired = 0;
  uint32_t failed_attempts = 0;
  MemoryEstimator memory;
  StragglerWatch stragglers;
  /// Some of its tasks share hash partitions.
  bool shares = false;
  /// Partitions that run on a part of their inputs.
  std::set<uint32_t> early;
  /// The scheduler has set a timer for the next look at stragglers.
  bool straggler_timer = false;
  /// Rows of the committed outputs.
  uint64_t committed_rows = 0;
  /// Bytes by output partition.
  std::vector<uint64_t> output_bytes;
  uint64_t output_rows = 0;

  bool complete() const {
    return ended_early || dropped || (cut && committed + retired == partitions.size());
  }
  bool RowLimitReached() const { return plan.row_limit && committed_rows >= *plan.row_limit; }
  uint32_t tasks() const { return static_cast<uint32_t>(partitions.size()) - retired; }
  void AddPartition(TaskWork work);
  /// The partition's work was added as others. It must not run.
  void Retire(uint32_t partition);

  /// Queued partitions that failed before, oldest first (at most `limit`), then the first fresh one.
  std::vector<uint32_t> StartCandidates(size_t limit);
  bool HasQueued();

  /// Runs a queued partition; returns the position of the attempt.
  uint32_t Start(uint32_t partition, NodeIndex node, uint64_t generation, TimePoint now);
  /// Runs a running partition a second time.
  uint32_t StartCopy(uint32_t partition, NodeIndex node, uint64_t generation, TimePoint now);
  /// An attempt from before a restart, which may still run. Its position; nothing when it is known, or not
  /// needed any more.
  std::optional<uint32_t> Restore(uint32_t partition, uint32_t number, NodeIndex node, TimePoint now);
  std::vector<uint32_t> RunningAttempts(uint32_t partition) const;
  /// Ends an attempt that runs.
  void End(uint32_t partition, uint32_t attempt, AttemptState state, TimePoint now);
  void Commit(uint32_t partition, uint32_t attempt, const TaskOutput& output, TimePoint now);
  /// The attempt, which runs, is the first of its partition to do so.
  void Offer(uint32_t partition, uint32_t attempt, const TaskOutput& output);
  /// Takes the partition's offer back.
  void Withdraw(uint32_t partition);
  /// Of so many tasks the output is known.
  uint32_t known() const { return committed + offered; }
  /// The committed output is lost; the partition has to run again.
  void Invalidate(uint32_t partition);
  /// Back to the queue.
  void Requeue(uint32_t partition);
  void Delay(uint32_t partition, TimePoint due);

  /// The committed attempts in order of partition; until the stage is complete, the offered ones as well. The
  /// list is made once and shared.
  CommittedOutputs Outputs(const NodePool& nodes);
  /// The same of one partition, or of none.
  CommittedOutputs OutputsOf(std::optional<uint32_t> partition, const NodePool& nodes) const;

 private:
  bool Queued(uint32_t partition) const { return partitions[partition].state == PartitionState::kQueued; }
  /// Drops entries at the head that a commit or a start has overtaken.
  void Prune();
  /// Whether a partition that never ran may start: not too many at once when few rows may be enough.
  bool MayStartFresh() const;
  /// The next one's.
  uint32_t NumberOf(const Partition& partition) const;
  uint32_t Run(uint32_t partition, const Attempt& attempt);
  /// Adds the output to the stage's sums, once for each partition.
  void Measure(Partition& partition, const TaskOutput& output);
  CommittedOutput OutputOf(uint32_t partition, const NodePool& nodes) const;

  std::deque<uint32_t> fresh_;
  std::deque<uint32_t> retries_;
  CommittedOutputs outputs_;
};

}  // namespace planaria::scheduler
