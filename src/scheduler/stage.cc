#include "scheduler/stage.h"

#include <algorithm>

namespace planaria::scheduler {

namespace {

/// Of a stage with a row limit, so many tasks run at first, and this many more for each that has committed.
constexpr uint32_t kFirstWave = 4;
constexpr uint32_t kWaveGrowth = 2;

QueryLimits AssignerLimits(const FragmentPlan& fragment, QueryLimits limits) {
  if (fragment.writes) {
    limits.scan_task_target_min_bytes = limits.scan_write_task_target_min_bytes;
    limits.scan_task_target_max_bytes = limits.scan_write_task_target_max_bytes;
  }
  return limits;
}

SplitAssigner::Mode AssignerMode(const FragmentPlan& fragment) {
  if (fragment.distribution != Distribution::kSource) return SplitAssigner::Mode::kOneTask;
  return fragment.row_limit ? SplitAssigner::Mode::kStartSmall : SplitAssigner::Mode::kBySize;
}

}  // namespace

std::optional<uint32_t> Partition::Find(uint32_t number) const {
  for (size_t i = attempts.size(); i > 0; --i) {
    if (attempts[i - 1].number == number) return static_cast<uint32_t>(i - 1);
  }
  return std::nullopt;
}

Stage::Stage(const FragmentPlan& fragment, const QueryLimits& limits)
    : plan(fragment),
      assigner(fragment.scans, AssignerLimits(fragment, limits), AssignerMode(fragment)),
      output_bytes(fragment.output_partitions) {}

void Stage::AddPartition(TaskWork work) {
  fresh_.push_back(static_cast<uint32_t>(partitions.size()));
  Partition& partition = partitions.emplace_back();
  partition.splits = std::move(work.splits);
  partition.reads = std::move(work.reads);
  partition.slice = work.slice;
  shares = shares || work.slice;
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

bool Stage::MayStartFresh() const {
  return !plan.row_limit || running < kFirstWave + kWaveGrowth * committed;
}

bool Stage::HasQueued() {
  if (ended_early || dropped) return false;
  Prune();
  return (!fresh_.empty() && MayStartFresh()) || !retries_.empty();
}

std::vector<uint32_t> Stage::StartCandidates(size_t limit) {
  Prune();
  std::vector<uint32_t> candidates;
  for (const uint32_t partition : retries_) {
    if (candidates.size() == limit) break;
    if (Queued(partition)) candidates.push_back(partition);
  }
  if (!fresh_.empty() && MayStartFresh()) candidates.push_back(fresh_.front());
  return candidates;
}

void Stage::Retire(uint32_t index) {
  Partition& partition = partitions[index];
  partition.state = PartitionState::kRetired;
  partition.splits = {};
  partition.reads = {};
  ++retired;
}

uint32_t Stage::NumberOf(const Partition& partition) const {
  return partition.attempts.empty() ? first_attempt
                                    : std::max(first_attempt, partition.attempts.back().number + 1);
}

uint32_t Stage::Run(uint32_t index, const Attempt& attempt) {
  Partition& partition = partitions[index];
  partition.state = PartitionState::kRunning;
  partition.attempts.push_back(attempt);
  ++partition.running;
  ++running;
  copies += attempt.is_copy ? 1 : 0;
  if (!attempt.is_copy) stragglers.Started(index, attempt.started);
  return static_cast<uint32_t>(partition.attempts.size() - 1);
}

uint32_t Stage::Start(uint32_t index, NodeIndex node, uint64_t generation, TimePoint now) {
  Partition& partition = partitions[index];
  if (partition.attempts.empty()) {
    fresh_.pop_front();
  } else {
    retries_.erase(std::find(retries_.begin(), retries_.end(), index));
    partition.listed_for_retry = false;
  }
  return Run(index, {node, NumberOf(partition), AttemptState::kRunning, false, generation, now, now});
}

uint32_t Stage::StartCopy(uint32_t index, NodeIndex node, uint64_t generation, TimePoint now) {
  const Partition& partition = partitions[index];
  for (const Attempt& attempt : partition.attempts) stragglers.Ended(index, attempt.started);
  return Run(index, {node, NumberOf(partition), AttemptState::kRunning, true, generation, now, now});
}

std::optional<uint32_t> Stage::Restore(uint32_t index, uint32_t number, NodeIndex node, TimePoint now) {
  Partition& partition = partitions[index];
  if (const auto known = partition.Find(number)) {
    if (partition.attempts[*known].state == AttemptState::kLost) partition.attempts[*known].node = node;
    return std::nullopt;
  }
  // Delayed by the failure of the attempt before it, that is: this one was started when the delay was over.
  const bool runs = partition.state == PartitionState::kQueued ||
                    partition.state == PartitionState::kRunning ||
                    partition.state == PartitionState::kDelayed;
  if (!runs) {
    partition.attempts.push_back({node, number, AttemptState::kLost, false, 0, now, now});
    return std::nullopt;
  }
  const uint32_t attempt = Run(index, {node, number, AttemptState::kRunning, false, 0, now, now});
  // Perhaps a copy and its original: there need not be a third.
  if (partition.running > 1) {
    for (const Attempt& other : partition.attempts) stragglers.Ended(index, other.started);
  }
  return attempt;
}

std::vector<uint32_t> Stage::RunningAttempts(uint32_t index) const {
  const Partition& partition = partitions[index];
  std::vector<uint32_t> found;
  for (uint32_t attempt = 0; found.size() < partition.running; ++attempt) {
    if (partition.attempts[attempt].state == AttemptState::kRunning) found.push_back(attempt);
  }
  return found;
}

void Stage::End(uint32_t index, uint32_t number, AttemptState state, TimePoint now) {
  Partition& partition = partitions[index];
  Attempt& attempt = partition.attempts[number];
  attempt.state = state;
  attempt.ended = now;
  --partition.running;
  --running;
  copies -= attempt.is_copy ? 1 : 0;
  stragglers.Ended(index, attempt.started);
  early.erase(index);
}

void Stage::Commit(uint32_t index, uint32_t number, const TaskOutput& output, TimePoint now) {
  Partition& partition = partitions[index];
  Attempt& attempt = partition.attempts[number];
  if (attempt.state == AttemptState::kRunning) {
    End(index, number, AttemptState::kCommitted, now);
    stragglers.Finished(now - attempt.started);
  } else {
    attempt.state = AttemptState::kCommitted;
    attempt.ended = now;
  }
  if (partition.offered) Withdraw(index);
  partition.state = PartitionState::kCommitted;
  partition.committed = number;
  partition.manifest = output.manifest;
  partition.rows = 0;
  for (const PartitionSize& size : output.partitions) partition.rows += size.rows;
  committed_rows += partition.rows;
  ++committed;
  outputs_.reset();
  Measure(partition, output);
}

void Stage::Offer(uint32_t index, uint32_t number, const TaskOutput& output) {
  Partition& partition = partitions[index];
  partition.offered = number;
  partition.manifest = output.manifest;
  ++offered;
  outputs_.reset();
  Measure(partition, output);
}

void Stage::Withdraw(uint32_t index) {
  partitions[index].offered.reset();
  partitions[index].manifest.reset();
  --offered;
  outputs_.reset();
}

void Stage::Measure(Partition& partition, const TaskOutput& output) {
  if (partition.measured) return;
  partition.measured = true;
  for (const PartitionSize& size : output.partitions) output_rows += size.rows;
  for (size_t i = 0; i < output.partitions.size(); ++i) output_bytes[i] += output.partitions[i].bytes;
}

void Stage::Invalidate(uint32_t index) {
  Partition& partition = partitions[index];
  partition.attempts[partition.committed].state = AttemptState::kInvalidated;
  partition.manifest.reset();
  committed_rows -= partition.rows;
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

CommittedOutput Stage::OutputOf(uint32_t index, const NodePool& nodes) const {
  const Partition& partition = partitions[index];
  const Attempt& attempt = partition.attempts[partition.offered ? *partition.offered : partition.committed];
  return {{index}, {attempt.number}, nodes.id(attempt.node), partition.manifest};
}

CommittedOutputs Stage::OutputsOf(std::optional<uint32_t> partition, const NodePool& nodes) const {
  auto outputs = std::make_shared<std::vector<CommittedOutput>>();
  if (partition) outputs->push_back(OutputOf(*partition, nodes));
  return outputs;
}

CommittedOutputs Stage::Outputs(const NodePool& nodes) {
  if (outputs_) return outputs_;
  auto outputs = std::make_shared<std::vector<CommittedOutput>>();
  outputs->reserve(known());
  const bool with_offers = !complete();
  for (uint32_t i = 0; i < partitions.size(); ++i) {
    if (partitions[i].state == PartitionState::kCommitted || (with_offers && partitions[i].offered))
      outputs->push_back(OutputOf(i, nodes));
  }
  outputs_ = std::move(outputs);
  return outputs_;
}

}  // namespace planaria::scheduler
