#include "scheduler/query.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "scheduler/hash_cutter.h"
#include "scheduler/task_division.h"

namespace planaria::scheduler {
namespace {

CommittedOutputs SliceOf(const std::vector<CommittedOutput>& outputs, const InputSlice& slice) {
  auto part = std::make_shared<std::vector<CommittedOutput>>();
  std::copy_if(outputs.begin(), outputs.end(), std::back_inserter(*part), [&](const CommittedOutput& output) {
    return output.partition.value % slice.count == slice.index;
  });
  return part;
}

}  // namespace

Query::Query(uint64_t serial_number, QueryId query_id, QueryPlan plan)
    : serial(serial_number),
      id(std::move(query_id)),
      limits(plan.limits),
      outputs_die_with_node(plan.outputs_die_with_node),
      plan_(std::move(plan)),
      first_attempt_(plan_.first_attempt) {
  for (const size_t position : ProducersFirst(plan_)) {
    const FragmentPlan& fragment = plan_.fragments[position];
    const uint32_t index = static_cast<uint32_t>(producers_.size());
    positions_.emplace(fragment.id, index);
    order_.push_back(position);
    producers_.emplace_back();
    consumers_.emplace_back();
    for (const FragmentInput& input : fragment.inputs) {
      const uint32_t producer = positions_.at(input.producer);
      producers_[index].push_back(producer);
      consumers_[producer].push_back(index);
    }
  }
  root_ = positions_.at(plan_.root);
  MakeStages();
  MakeChoices();
  if (plan_.retry_policy == RetryPolicy::kTask) return;
  run = std::make_unique<StreamingRun>(plan_.retry_policy, limits);
  for (uint32_t index = 0; index < stage_count(); ++index) {
    for (const uint32_t scan : stages_[index]->plan.scans) run->splits.Expect({index, scan});
  }
}

void Query::MakeStages() {
  stages_.clear();
  for (const size_t position : order_) {
    stages_.push_back(std::make_unique<Stage>(plan_.fragments[position], limits));
    stages_.back()->first_attempt = first_attempt_;
    stages_.back()->open_inputs = static_cast<uint32_t>(plan_.fragments[position].inputs.size());
    stages_.back()->undecided = plan_.fragments[position].merges;
  }
}

void Query::StartOver() {
  for (uint32_t s = 0; s < stage_count(); ++s) {
    for (uint32_t p = 0; p < stages_[s]->partitions.size(); ++p) {
      for (const Attempt& attempt : stages_[s]->partitions[p].attempts) {
        PastAttempt& past = past_attempts_.emplace_back(s, p, attempt);
        if (attempt.state == AttemptState::kCommitted) past.attempt.state = AttemptState::kInvalidated;
      }
    }
  }
  ++first_attempt_;
  MakeStages();
}

void Query::ContinueAsTask(const ClusterShape& cluster) {
  const std::unique_ptr<StreamingRun> ended = std::move(run);
  Begin();
  ended->splits.ForEach([&](uint32_t stage, uint32_t scan, const std::vector<SplitInfo>& splits) {
    AddSplits(stage, {id, stages_[stage]->plan.id, scan, splits, true}, cluster);
  });
}

bool Query::RunsOnCoordinatorOnly() const {
  return std::all_of(stages_.begin(), stages_.end(), [](const auto& stage) {
    return stage->plan.distribution == Distribution::kCoordinator;
  });
}

std::optional<uint32_t> Query::FindStage(FragmentId fragment) const {
  const auto found = positions_.find(fragment);
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

bool Query::Reads(uint32_t consumer, uint32_t producer) const {
  const std::vector<uint32_t>& producers = producers_[consumer];
  return std::find(producers.begin(), producers.end(), producer) != producers.end();
}

void Query::Begin() {
  for (uint32_t index = 0; index < stage_count(); ++index) {
    Stage& stage = *stages_[index];
    if (stage.plan.distribution == Distribution::kHash || !stage.plan.scans.empty()) continue;
    stage.AddPartition({});
    stage.cut = true;
    RefreshReady(index);
  }
}

void Query::RestoreCut(uint32_t index, const StageCut& cut) {
  Stage& stage = *stages_[index];
  if (cut.replaces) {
    if (cut.replaces->value >= stage.partitions.size()) return;
    const Partition& replaced = stage.partitions[cut.replaces->value];
    if (replaced.state != PartitionState::kQueued) return;
    stage.Retire(cut.replaces->value);
  } else if (stage.cut) {
    return;
  }
  for (const TaskWork& task : cut.tasks) {
    if (!cut.replaces) stage.assigner.SkipCut(task.splits);
    stage.AddPartition(task);
  }
  stage.cut = stage.cut || cut.last;
  RefreshReady(index);
}

void Query::AddSplits(uint32_t index, const SplitsAdded& event, const ClusterShape& cluster) {
  Stage& stage = *stages_[index];
  const uint32_t nodes = std::max(1u, cluster.nodes);
  if (stage.cut || stage.assigner.done()) return;
  StageCut cut{id, stage.plan.id, {}, false};
  for (TaskSplits& splits : stage.assigner.Add(event.scan, event.splits, event.last, nodes)) {
    cut.tasks.push_back({splits, {}});
    stage.AddPartition({std::move(splits), {}});
  }
  stage.cut = cut.last = stage.assigner.done();
  if (stage.cut || !cut.tasks.empty()) cuts_.push_back(std::move(cut));
  DecideMerges(index, cluster);
  // The last call may bring no task, after the others have committed.
  if (stage.cut && stage.complete() && !stage.ended_early) Complete(index, cluster);
  RefreshReady(index);
}

std::vector<TaskWork> Query::HashTasks(uint32_t index, const ClusterShape& cluster) const {
  const Stage& stage = *stages_[index];
  std::vector<HashInput> inputs;
  for (uint32_t i = 0; i < producers_[index].size(); ++i) {
    if (stage.plan.inputs[i].mode != InputMode::kPartitioned) continue;
    const Stage& producer = *stages_[producers_[index][i]];
    HashInput& input = inputs.emplace_back();
    input.position = i;
    input.partition_bytes = producer.output_bytes;
    input.splittable = stage.plan.inputs[i].splittable;
    input.producer_tasks = static_cast<uint32_t>(producer.partitions.size());
    if (producer.complete() || producer.known() == 0) continue;
    // Of a producer that still runs, the rest is taken to be like what there is.
    const double whole = static_cast<double>(producer.tasks()) / producer.known();
    for (uint64_t& bytes : input.partition_bytes)
      bytes = static_cast<uint64_t>(static_cast<double>(bytes) * whole);
  }
  return CutHashTasks(inputs, cluster, limits, stage.plan.writes);
}

void Query::CutHashStage(uint32_t index, std::vector<TaskWork> tasks) {
  Stage& stage = *stages_[index];
  StageCut cut{id, stage.plan.id, std::move(tasks), true};
  for (const TaskWork& task : cut.tasks) stage.AddPartition(task);
  stage.cut = true;
  cuts_.push_back(std::move(cut));
}

void Query::Commit(uint32_t index, uint32_t partition, uint32_t attempt, const TaskOutput& output,
                   TimePoint now, const ClusterShape& cluster) {
  Stage& stage = *stages_[index];
  stage.Commit(partition, attempt, output, now);
  if (outputs_die_with_node) {
    outputs_by_node_[stage.partitions[partition].attempts[attempt].node].emplace_back(index, partition);
  }
  if (stage.RowLimitReached()) stage.ended_early = true;
  RefreshReady(index);
  DecideMerges(index, cluster);
  if (stage.complete()) Complete(index, cluster);
}

void Query::Complete(uint32_t index, const ClusterShape& cluster) {
  DecideAfter(index);
  for (const uint32_t consumer : consumers_[index]) {
    Stage& reader = *stages_[consumer];
    if (--reader.open_inputs > 0 || reader.dropped) continue;
    if (!reader.cut && reader.plan.distribution == Distribution::kHash)
      CutHashStage(consumer,
                   reader.plan.merges ? MergeTasks(consumer, cluster) : HashTasks(consumer, cluster));
    RefreshReady(consumer);
  }
}

bool Query::MayReadEarly(uint32_t index) const {
  const Stage& stage = *stages_[index];
  // Which rows a task of a shared partition reads depends on all of the producer's tasks.
  if (!limits.early_reading || stage.open_inputs == 0 || !MayStart(index) || stage.complete() ||
      stage.shares || stage.plan.merges || stage.plan.distribution == Distribution::kCoordinator) {
    return false;
  }
  return std::all_of(producers_[index].begin(), producers_[index].end(), [&](uint32_t position) {
    const Stage& producer = *stages_[position];
    if (producer.complete()) return true;
    const double enough = std::max(1.0, limits.min_source_stage_progress * producer.tasks());
    return producer.cut && producer.open_inputs == 0 && !producer.plan.row_limit &&
           producer.known() >= enough;
  });
}

bool Query::CutEarly(uint32_t index, const ClusterShape& cluster) {
  const Stage& stage = *stages_[index];
  if (stage.cut || stage.plan.distribution != Distribution::kHash) return true;
  std::vector<TaskWork> tasks = HashTasks(index, cluster);
  if (std::any_of(tasks.begin(), tasks.end(), [](const TaskWork& task) { return task.slice.has_value(); }))
    return false;
  CutHashStage(index, std::move(tasks));
  return true;
}

void Query::Invalidate(uint32_t index, uint32_t partition) {
  ++generation_;
  const bool was_complete = stages_[index]->complete();
  Stage& stage = *stages_[index];
  stage.Invalidate(partition);
  if (stage.plan.row_limit) stage.ended_early = stage.RowLimitReached();
  RefreshReady(index);
  if (!was_complete || stage.complete()) return;
  for (const uint32_t consumer : consumers_[index]) {
    ++stages_[consumer]->open_inputs;
    RefreshReady(consumer);
  }
}

void Query::Requeue(uint32_t index, uint32_t partition) {
  stages_[index]->Requeue(partition);
  RefreshReady(index);
}

bool Query::Divide(uint32_t index, uint32_t partition_index) {
  Stage& stage = *stages_[index];
  // Once it has had an output, tasks that read the outputs of some partitions only may have read that: others
  // must not get its rows again.
  if (stage.partitions[partition_index].measured || stage.partitions[partition_index].slice) return false;
  const auto halves =
      DivideTask({stage.partitions[partition_index].splits, stage.partitions[partition_index].reads},
                 stage.plan.distribution);
  if (!halves) return false;
  StageCut cut{id, stage.plan.id, {halves->first, halves->second}, stage.cut, PartitionId{partition_index}};
  const uint64_t memory_bytes = stage.partitions[partition_index].memory_bytes;
  stage.Retire(partition_index);
  for (const TaskWork& half : cut.tasks) {
    stage.AddPartition(half);
    stage.partitions.back().memory_bytes = memory_bytes;
  }
  cuts_.push_back(std::move(cut));
  RefreshReady(index);
  return true;
}

std::vector<std::pair<uint32_t, uint32_t>> Query::TakeOutputsOn(NodeIndex node) {
  const auto found = outputs_by_node_.find(node);
  if (found == outputs_by_node_.end()) return {};
  auto outputs = std::move(found->second);
  outputs_by_node_.erase(found);
  // Last stages first: whether a producer's output is needed depends on what its readers just lost.
  std::sort(outputs.begin(), outputs.end(), std::greater<>());
  outputs.erase(std::unique(outputs.begin(), outputs.end()), outputs.end());
  std::erase_if(outputs, [&](const auto& output) {
    const Partition& partition = stages_[output.first]->partitions[output.second];
    return partition.state != PartitionState::kCommitted ||
           partition.attempts[partition.committed].node != node;
  });
  return outputs;
}

bool Query::OutputNeeded(uint32_t index) const {
  return std::any_of(consumers_[index].begin(), consumers_[index].end(),
                     [&](uint32_t consumer) { return !stages_[consumer]->complete(); });
}

void Query::RefreshReady(uint32_t index) {
  Stage& stage = *stages_[index];
  std::set<uint32_t>& ready =
      stage.plan.distribution == Distribution::kCoordinator ? coordinator_ready_ : worker_ready_;
  if (stage.open_inputs == 0 && MayStart(index) && stage.HasQueued()) {
    ready.insert(index);
  } else {
    ready.erase(index);
  }
  for (const OpenChoice& choice : choices_) {
    if (choice.open && choice.decider == index) RefreshReady(choice.shuffle);
  }
}

TaskId Query::MakeTaskId(uint32_t stage, uint32_t partition, uint32_t attempt) const {
  const Stage& of = *stages_[stage];
  return {id, of.plan.id, {partition}, {of.partitions[partition].attempts[attempt].number}};
}

std::vector<uint32_t> Query::InputPartitions(uint32_t index, uint32_t input, uint32_t partition) const {
  const Stage& stage = *stages_[index];
  const InputMode mode = stage.plan.inputs[input].mode;
  if (mode == InputMode::kReplicated) return {0};
  if (mode == InputMode::kPartitioned && stage.plan.distribution == Distribution::kHash) {
    return stage.partitions[partition].reads;
  }
  std::vector<uint32_t> all(stages_[producers_[index][input]]->plan.output_partitions);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

StartTask Query::MakeStart(uint32_t index, uint32_t partition_index, uint32_t attempt_index,
                           const NodePool& nodes) {
  const Stage& stage = *stages_[index];
  const Partition& partition = stage.partitions[partition_index];
  StartTask start;
  start.task = MakeTaskId(index, partition_index, attempt_index);
  start.node = nodes.id(partition.attempts[attempt_index].node);
  start.splits = partition.splits;
  start.memory_bytes = partition.memory_bytes;
  for (size_t i = 0; i < stage.plan.inputs.size(); ++i) {
    Stage& producer = *stages_[producers_[index][i]];
    TaskInput& input = start.inputs.emplace_back();
    input.producer = producer.plan.id;
    input.mode = stage.plan.inputs[i].mode;
    input.outputs = producer.Outputs(nodes);
    if (partition.slice && partition.slice->input == i)
      input.outputs = SliceOf(*input.outputs, *partition.slice);
    input.complete = producer.complete();
    input.partitions = InputPartitions(index, static_cast<uint32_t>(i), partition_index);
  }
  return start;
}

}  // namespace planaria::scheduler
