// Tasks that start while their producers still run: only in slots that nobody else wants, and without any
// claim to them.
#include <algorithm>
#include <utility>

#include "scheduler/core.h"

namespace planaria::scheduler {

void Scheduler::Core::FindEarlyReaders(const Query& query, uint32_t producer) {
  for (const uint32_t consumer : query.consumers(producer)) {
    if (query.MayReadEarly(consumer)) early_ready_.emplace(query.serial, consumer);
  }
}

void Scheduler::Core::StartEarlyReaders() {
  while (!early_ready_.empty() && round_.empty() && nodes_.has_free_slot()) {
    const auto [serial, stage_index] = *early_ready_.begin();
    Query* query = FindActive(serial);
    if (query == nullptr || query->run || !query->MayReadEarly(stage_index)) {
      early_ready_.erase(early_ready_.begin());
      continue;
    }
    if (!query->CutEarly(stage_index, nodes_.shape())) {
      early_ready_.erase(early_ready_.begin());
      continue;
    }
    EnqueueReady(*query);
    Stage& stage = query->stage(stage_index);
    const std::vector<uint32_t> candidates = stage.StartCandidates(1);
    const auto node = candidates.empty() ? std::nullopt : ChooseNode(*query, stage_index, candidates.front());
    if (!node) {
      early_ready_.erase(early_ready_.begin());
      continue;
    }
    StartPartition(*query, stage_index, candidates.front(), *node);
    stage.early.insert(candidates.front());
    early_running_.emplace(serial, stage_index, candidates.front());
  }
}

void Scheduler::Core::TellEarlyReaders(Query& query, uint32_t producer_index,
                                       std::optional<uint32_t> partition) {
  if (!query.limits.early_reading) return;
  Stage& producer = query.stage(producer_index);
  if (!partition && !producer.complete()) return FindEarlyReaders(query, producer_index);
  CommittedOutputs added;
  std::vector<uint32_t> consumers = query.consumers(producer_index);
  consumers.erase(std::unique(consumers.begin(), consumers.end()), consumers.end());
  for (const uint32_t consumer : consumers) {
    Stage& stage = query.stage(consumer);
    for (const uint32_t reader : stage.early) {
      if (!added) added = producer.OutputsOf(partition, nodes_);
      const uint32_t attempt = stage.RunningAttempts(reader).front();
      commands_.push_back(AddInputs{query.MakeTaskId(consumer, reader, attempt),
                                    nodes_.id(stage.partitions[reader].attempts[attempt].node),
                                    query.NameOf(producer_index, consumer), added,
                                    producer.complete() ? std::optional(producer.committed) : std::nullopt});
    }
    // Nothing is missing any more: from here on they are tasks like others.
    if (stage.open_inputs == 0) stage.early.clear();
  }
  if (!producer.complete()) FindEarlyReaders(query, producer_index);
}

void Scheduler::Core::On(const OutputOffered& event) {
  const auto task = Locate(event.task);
  if (!task || task->query.run) return;
  auto& [query, stage_index, partition_index, attempt_index] = *task;
  Stage& stage = query.stage(stage_index);
  const Partition& partition = stage.partitions[partition_index];
  const Attempt& attempt = partition.attempts[attempt_index];
  if (attempt.state != AttemptState::kRunning || partition.offered || stage.complete()) return;
  if (event.output.partitions.size() > stage.plan.output_partitions) return;
  nodes_.Yield(attempt.node, query.Ref(stage_index, partition_index, attempt_index));
  stage.Offer(partition_index, attempt_index, event.output);
  query.OutputKnown(stage_index, nodes_.shape());
  TellEarlyReaders(query, stage_index, partition_index);
  EnqueueReady(query);
}

void Scheduler::Core::WithdrawOffer(const Located& task) {
  Stage& stage = task.query.stage(task.stage);
  if (stage.partitions[task.partition].offered != task.attempt) return;
  stage.Withdraw(task.partition);
  if (task.query.state == QueryState::kActive) CancelEarlyReaders(task.query, task.stage);
}

void Scheduler::Core::CancelEarlyReaders(Query& query, uint32_t producer) {
  for (const uint32_t consumer : query.consumers(producer)) {
    Stage& stage = query.stage(consumer);
    while (!stage.early.empty()) {
      const uint32_t partition = *stage.early.begin();
      CancelAttempt({query, consumer, partition, stage.RunningAttempts(partition).front()});
      query.Requeue(consumer, partition);
    }
  }
}

bool Scheduler::Core::TakeSlotFromEarlyReader() {
  if (early_running_.empty()) return false;
  // Whoever still waits finds no slot, be it that those which are free are none for it (it failed there, or
  // needs more memory): only a reader's own may be left.
  const bool others_wait = std::any_of(round_.begin(), round_.end(), [&](uint64_t serial) {
    const Query* query = FindActive(serial);
    return query != nullptr && !query->ready(false).empty();
  });
  if (!others_wait) return false;
  while (!early_running_.empty()) {
    // The youngest query's last stage has lost the least.
    const auto [serial, stage_index, partition] = *early_running_.rbegin();
    early_running_.erase(std::prev(early_running_.end()));
    Query* query = FindActive(serial);
    if (query == nullptr || query->run || !query->stage(stage_index).early.contains(partition)) continue;
    CancelAttempt(
        {*query, stage_index, partition, query->stage(stage_index).RunningAttempts(partition).front()});
    query->Requeue(stage_index, partition);
    early_ready_.emplace(serial, stage_index);
    return true;
  }
  return false;
}

}  // namespace planaria::scheduler
