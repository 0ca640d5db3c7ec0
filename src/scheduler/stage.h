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
#include <vector>

#include "scheduler/commands.h"
#include "scheduler/events.h"
#include "scheduler/failure.h"
#include "scheduler/node_pool.h"
#include "scheduler/plan.h"
#include "scheduler/split_assigner.h"
#include "scheduler/status.h"

namespace planaria::scheduler {

struct Attempt {
  NodeIndex node = 0;
  AttemptState state = AttemptState::kRunning;
  /// The query's count of lost outputs when this attempt's inputs were fixed.
  uint64_t generation = 0;
  TimePoint started;
  TimePoint ended;
};

enum class PartitionState : uint8_t { kQueued, kDelayed, kRunning, kCommitted };

struct Partition {
  PartitionState state = PartitionState::kQueued;
  TaskSplits splits;
  /// Hash partitions to read.
  std::vector<uint32_t> reads;
  std::vector<Attempt> attempts;
  uint32_t committed = 0;
  std::shared_ptr<const std::string> manifest;
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
};

class Stage {
 public:
  Stage(const FragmentPlan& plan, const QueryLimits& limits);

  const FragmentPlan plan;
  SplitAssigner assigner;
  /// Edges to producers that are not complete; tasks start at 0.
  uint32_t open_inputs = 0;
  /// No partition will be added.
  bool cut = false;
  /// Nobody needs the rest of its output: complete with what there is.
  bool ended_early = false;
  std::vector<Partition> partitions;
  uint32_t running = 0;
  uint32_t committed = 0;
  uint32_t failed_attempts = 0;
  /// Bytes by output partition.
  std::vector<uint64_t> output_bytes;
  uint64_t output_rows = 0;

  bool complete() const { return (cut && committed == partitions.size()) || ended_early; }
  void AddPartition(TaskSplits splits, std::vector<uint32_t> reads);

  /// Queued partitions that failed before, oldest first (at most `limit`), then the first fresh one.
  std::vector<uint32_t> StartCandidates(size_t limit);
  bool HasQueued();

  /// Runs a queued partition; returns the number of the attempt.
  uint32_t Start(uint32_t partition, NodeIndex node, uint64_t generation, TimePoint now);
  /// The running attempt of a partition, if there is one.
  std::optional<uint32_t> RunningAttempt(uint32_t partition) const;
  /// Ends an attempt that runs.
  void End(uint32_t partition, uint32_t attempt, AttemptState state, TimePoint now);
  void Commit(uint32_t partition, uint32_t attempt, const TaskOutput& output, TimePoint now);
  /// The committed output is lost; the partition has to run again.
  void Invalidate(uint32_t partition);
  /// Back to the queue.
  void Requeue(uint32_t partition);
  void Delay(uint32_t partition, TimePoint due);

  /// The committed attempts in order of partition; only for complete stages. The list is made once and
  /// shared.
  CommittedOutputs Outputs(const NodePool& nodes, uint32_t first_attempt);

 private:
  bool Queued(uint32_t partition) const { return partitions[partition].state == PartitionState::kQueued; }
  /// Drops entries at the head that a commit or a start has overtaken.
  void Prune();

  std::deque<uint32_t> fresh_;
  std::deque<uint32_t> retries_;
  CommittedOutputs outputs_;
};

}  // namespace planaria::scheduler
