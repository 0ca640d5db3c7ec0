#include "scheduler/stage.h"

#include <algorithm>

namespace planaria::scheduler {

Stage::Stage(const FragmentPlan& fragment, const QueryLimits& limits)
    : plan(fragment),
      assigner(fragment.scans, limits, fragment.distribution != Distribution::kSource),
      output_bytes(fragment.output_partitions) {}

void Stage::AddPartition(TaskSplits splits, std::vector<uint32_t> reads) {
  fresh_.push_back(static_cast<uint32_t>(partitions.size()));
  Partition& partition = partitions.emplace_back();
  partition.splits = std::move(splits);
  partition.reads = std::move(reads);
  partition.memory_bytes = plan.memory_bytes;
}

void Stage::Prune() {
  // A partition that has had an attempt belongs to the retries, whichever queue an old entry of it is in.
  while (!fresh_.empty() && !(Queued(fresh_.front()) && partitions[fresh_.front()].attempts.empty())) {
    fresh_.pop_front();
  }
  while (!retries_.empty() && !Queued(retries_.front())) {
    partitions[retries_.front()].listed_for_retry = false;
    retries_.pop_front();
  }
}

bool Stage::HasQueued() {
  Prune();
  return !fresh_.empty() || !retries_.empty();
}

std::vector<uint32_t> Stage::StartCandidates(size_t limit) {
  Prune();
  std::vector<uint32_t> candidates;
  for (const uint32_t partition : retries_) {
    if (candidates.size() == limit) break;
    if (Queued(partition)) candidates.push_back(partition);
  }
  if (!fresh_.empty()) candidates.push_back(fresh_.front());
  return candidates;
}

uint32_t Stage::Start(uint32_t index, NodeIndex node, uint64_t generation, TimePoint now) {
  Partition& partition = partitions[index];
  if (partition.attempts.empty()) {
    fresh_.pop_front();
  } else {
    retries_.erase(std::find(retries_.begin(), retries_.end(), index));
    partition.listed_for_retry = false;
  }
  partition.state = PartitionState::kRunning;
  partition.attempts.push_back({node, AttemptState::kRunning, generation, now, now});
  ++running;
  return static_cast<uint32_t>(partition.attempts.size() - 1);
}

std::optional<uint32_t> Stage::RunningAttempt(uint32_t index) const {
  const Partition& partition = partitions[index];
  if (partition.attempts.empty() || partition.attempts.back().state != AttemptState::kRunning) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(partition.attempts.size() - 1);
}

void Stage::End(uint32_t index, uint32_t attempt, AttemptState state, TimePoint now) {
  partitions[index].attempts[attempt].state = state;
  partitions[index].attempts[attempt].ended = now;
  --running;
}

void Stage::Commit(uint32_t index, uint32_t attempt, const TaskOutput& output, TimePoint now) {
  Partition& partition = partitions[index];
  if (partition.attempts[attempt].state == AttemptState::kRunning) {
    End(index, attempt, AttemptState::kCommitted, now);
  } else {
    partition.attempts[attempt].state = AttemptState::kCommitted;
    partition.attempts[attempt].ended = now;
  }
  partition.state = PartitionState::kCommitted;
  partition.committed = attempt;
  partition.manifest = output.manifest;
  ++committed;
  outputs_.reset();
  if (partition.measured) return;
  partition.measured = true;
  for (size_t i = 0; i < output.partitions.size(); ++i) {
    output_bytes[i] += output.partitions[i].bytes;
    output_rows += output.partitions[i].rows;
  }
}

void Stage::Invalidate(uint32_t index) {
  Partition& partition = partitions[index];
  partition.attempts[partition.committed].state = AttemptState::kInvalidated;
  partition.manifest.reset();
  --committed;
  outputs_.reset();
  Requeue(index);
}

void Stage::Requeue(uint32_t index) {
  Partition& partition = partitions[index];
  partition.state = PartitionState::kQueued;
  if (partition.listed_for_retry) return;
  partition.listed_for_retry = true;
  retries_.push_back(index);
}

void Stage::Delay(uint32_t index, TimePoint due) {
  partitions[index].state = PartitionState::kDelayed;
  partitions[index].due = due;
}

CommittedOutputs Stage::Outputs(const NodePool& nodes, uint32_t first_attempt) {
  if (outputs_) return outputs_;
  auto outputs = std::make_shared<std::vector<CommittedOutput>>();
  outputs->reserve(partitions.size());
  for (uint32_t i = 0; i < partitions.size(); ++i) {
    const Partition& partition = partitions[i];
    outputs->push_back({{i},
                        {first_attempt + partition.committed},
                        nodes.id(partition.attempts[partition.committed].node),
                        partition.manifest});
  }
  outputs_ = std::move(outputs);
  return outputs_;
}

}  // namespace planaria::scheduler
