// After a restart of the coordinator: what its journal knows, and which tasks still run.
#include <utility>

#include "scheduler/core.h"

namespace planaria::scheduler {
namespace {

/// How long a node has to come back, and from then to say which tasks it still runs.
constexpr Duration kTimeToJoin = std::chrono::seconds(10);
constexpr Duration kTimeToAdopt = std::chrono::seconds(5);

}  // namespace

void Scheduler::Core::On(const CutRestored& event) {
  Query* query = FindActive(event.cut.query);
  if (query == nullptr || query->run) return;
  if (const auto stage = query->FindStage(event.cut.fragment)) query->RestoreCut(*stage, event.cut);
  EnqueueReady(*query);
}

void Scheduler::Core::On(const ChoiceRestored& event) {
  Query* query = FindActive(event.choice.query);
  if (query == nullptr || query->run) return;
  query->RestoreChoice(event.choice);
  EnqueueReady(*query);
}

void Scheduler::Core::On(const MergeRestored& event) {
  Query* query = FindActive(event.decision.query);
  if (query == nullptr || query->run) return;
  query->RestoreMerge(event.decision);
  EnqueueReady(*query);
}

std::optional<Scheduler::Core::Located> Scheduler::Core::RestoreAttempt(const TaskId& task,
                                                                        const NodeId& node) {
  Query* query = FindActive(task.query);
  if (query == nullptr || query->run) return std::nullopt;
  const auto stage = query->FindStage(task.fragment);
  if (!stage || query->stage(*stage).dropped) return std::nullopt;
  if (task.partition.value >= query->stage(*stage).partitions.size()) return std::nullopt;
  const uint32_t partition = task.partition.value;
  if (query->stage(*stage).partitions[partition].state == PartitionState::kRetired) return std::nullopt;
  const auto attempt = query->stage(*stage).Restore(partition, task.attempt.value, nodes_.Know(node), now_);
  if (!attempt) return std::nullopt;
  return Located{*query, *stage, partition, *attempt};
}

void Scheduler::Core::On(const OutputRestored& event) {
  // Whether it was restored as running before or not: what it was is committed now.
  RestoreAttempt(event.task, event.node);
  On(TaskFinished{event.task, event.output});
}

void Scheduler::Core::On(const AttemptRestored& event) {
  Query* query = FindActive(event.task.query);
  if (query == nullptr || query->run) return;
  const auto located = RestoreAttempt(event.task, event.node);
  if (!located) return;
  // An earlier attempt of the same task may have failed, which the journal does not say, or have a copy: all
  // of them wait to be adopted.
  if (!event.complete) {
    EndFailedAttempt(*located, AttemptState::kLost);
    RunAgain(*query, located->stage, located->partition);
    return;
  }
  query->RefreshReady(located->stage);
  const TaskRef ref = query->Ref(located->stage, located->partition, located->attempt);
  const NodeIndex node = *nodes_.Find(event.node);
  restored_.Add(node, ref, now_ + kTimeToJoin);
  if (nodes_.alive(node)) LeaseRestored(node);
}

void Scheduler::Core::LeaseRestored(NodeIndex node) {
  for (const TaskRef& ref : restored_.Joined(node, now_ + kTimeToAdopt)) {
    // Taken for running until it is known that they do not: the node must not get others for their slots.
    if (const auto task = LocateRunning(ref)) {
      const Stage& stage = task->query.stage(task->stage);
      nodes_.Lease(node, ref, stage.partitions[task->partition].memory_bytes,
                   stage.plan.distribution == Distribution::kCoordinator ? Claim::kNothing : Claim::kSlot);
    }
  }
}

std::optional<Scheduler::Core::Located> Scheduler::Core::LocateRunning(const TaskRef& ref) {
  Query* query = FindActive(ref.query);
  if (query == nullptr) return std::nullopt;
  const Stage& stage = query->stage(ref.stage);
  // Of a former run there may have been more tasks.
  if (ref.partition >= stage.partitions.size()) return std::nullopt;
  const Partition& partition = stage.partitions[ref.partition];
  const auto attempt = partition.Find(ref.attempt);
  if (!attempt || partition.attempts[*attempt].state != AttemptState::kRunning) return std::nullopt;
  return Located{*query, ref.stage, ref.partition, *attempt};
}

void Scheduler::Core::On(const TaskAdopted& event) {
  const auto node = nodes_.Find(event.node);
  if (!node || !nodes_.alive(*node)) return;
  const auto task = Locate(event.task);
  if (!task || task->query.stage(task->stage).partitions[task->partition].attempts[task->attempt].state !=
                   AttemptState::kRunning) {
    commands_.push_back(CancelTask{event.task, event.node});
    return;
  }
  restored_.Adopt(*node, task->query.Ref(task->stage, task->partition, task->attempt));
}

void Scheduler::Core::LoseUnadopted() {
  for (const TaskRef& ref : restored_.TakeOverdue(now_)) {
    const auto task = LocateRunning(ref);
    if (!task) continue;
    EndFailedAttempt(*task, AttemptState::kLost);
    RunAgain(task->query, task->stage, task->partition);
  }
}

}  // namespace planaria::scheduler
