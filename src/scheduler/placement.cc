#include <algorithm>
#include <utility>

#include "scheduler/core.h"

namespace planaria::scheduler {
namespace {

/// How many retried partitions of a stage get a look per turn: each may refuse the nodes that are free just
/// now, and must not hold up the others.
constexpr size_t kRetriesPerTurn = 8;

}  // namespace

std::optional<TimePoint> Scheduler::Core::NextWakeup() const {
  std::optional<TimePoint> next;
  const auto consider = [&next](TimePoint due) { next = next ? std::min(*next, due) : due; };
  if (!delayed_.empty()) consider(delayed_.begin()->first);
  if (!run_timers_.empty()) consider(run_timers_.begin()->first);
  if (const auto due = restored_.due()) consider(*due);
  if (!straggler_timers_.empty()) consider(std::get<TimePoint>(*straggler_timers_.begin()));
  for (const NodeWait* wait : {&worker_wait_, &coordinator_wait_}) {
    if (const auto oldest = wait->Oldest())
      consider(oldest->first + options_.allowed_no_matching_node_period);
  }
  return next;
}

void Scheduler::Core::FireTimers() {
  FireRunTimers();
  LoseUnadopted();
  while (!delayed_.empty() && delayed_.begin()->first <= now_) {
    const auto [due, task] = *delayed_.begin();
    delayed_.erase(delayed_.begin());
    Query* query = FindActive(task.query);
    if (query == nullptr) continue;
    const Partition& partition = query->stage(task.stage).partitions[task.partition];
    if (partition.state != PartitionState::kDelayed || partition.due != due) continue;
    query->Requeue(task.stage, task.partition);
    EnqueueReady(*query);
  }
}

void Scheduler::Core::Place() {
  PlaceOnCoordinator();
  if (nodes_.shape().nodes > 0) worker_wait_.ClearAll();
  PlaceGangs();
  do {
    PlaceRound();
  } while (TakeSlotFromEarlyReader());
  StartEarlyReaders();
  FailAfterWait(worker_wait_);
  FailAfterWait(coordinator_wait_);
}

void Scheduler::Core::PlaceRound() {
  const bool no_node = nodes_.shape().nodes == 0;
  // One task per query and turn. The round ends when no slot is free or nobody could use one; with no node at
  // all one turn is still taken, to notice who waits.
  size_t turns_without_task = 0;
  while (turns_without_task < round_.size() && (nodes_.has_free_slot() || no_node)) {
    const uint64_t serial = round_.front();
    round_.pop_front();
    Query* query = FindActive(serial);
    if (query == nullptr) continue;
    const Placement placement = PlaceOne(*query);
    if (placement == Placement::kNothing) {
      worker_wait_.Clear(serial);
      query->in_round = false;
      continue;
    }
    if (no_node) worker_wait_.Mark(serial, now_);
    round_.push_back(serial);
    turns_without_task = placement == Placement::kPlaced ? 0 : turns_without_task + 1;
  }
}

void Scheduler::Core::PlaceOnCoordinator() {
  const std::set<uint64_t> serials = std::exchange(coordinator_ready_, {});
  for (const uint64_t serial : serials) {
    Query* query = FindActive(serial);
    if (query == nullptr) continue;
    if (query->ready(true).empty()) {
      coordinator_wait_.Clear(serial);
      continue;
    }
    if (!nodes_.coordinator()) {
      coordinator_ready_.insert(serial);
      coordinator_wait_.Mark(serial, now_);
      continue;
    }
    coordinator_wait_.Clear(serial);
    while (!query->ready(true).empty()) {
      const uint32_t stage = *query->ready(true).begin();
      StartPartition(*query, stage, query->stage(stage).StartCandidates(1).front(), *nodes_.coordinator());
    }
  }
}

void Scheduler::Core::FailAfterWait(const NodeWait& wait) {
  while (const auto oldest = wait.Oldest()) {
    if (oldest->first + options_.allowed_no_matching_node_period > now_) return;
    FailQuery(*FindActive(oldest->second),
              Error{errors::NO_NODES_AVAILABLE, "No nodes available to run query", {}, {}}, std::nullopt);
  }
}

std::optional<NodeIndex> Scheduler::Core::ChooseNode(Query& query, uint32_t stage_index,
                                                     uint32_t partition_index) {
  Stage& stage = query.stage(stage_index);
  Partition& partition = stage.partitions[partition_index];
  partition.memory_bytes = std::max(partition.memory_bytes, stage.memory.expected());
  if (const uint64_t largest = nodes_.largest_memory()) {
    partition.memory_bytes = std::min(partition.memory_bytes, largest);
  }
  return nodes_.Choose(partition.avoid, partition.memory_bytes);
}

Scheduler::Core::Placement Scheduler::Core::PlaceOne(Query& query) {
  if (query.ready(false).empty()) return Placement::kNothing;
  for (const uint32_t stage_index : query.ready(false)) {
    Stage& stage = query.stage(stage_index);
    for (const uint32_t partition_index : stage.StartCandidates(kRetriesPerTurn)) {
      if (const auto node = ChooseNode(query, stage_index, partition_index)) {
        StartPartition(query, stage_index, partition_index, *node);
        return Placement::kPlaced;
      }
    }
  }
  return Placement::kNoSlot;
}

void Scheduler::Core::StartPartition(Query& query, uint32_t stage_index, uint32_t partition_index,
                                     NodeIndex node) {
  Stage& stage = query.stage(stage_index);
  const uint32_t attempt = stage.Start(partition_index, node, query.generation(), now_);
  BeginAttempt({query, stage_index, partition_index, attempt});
}

void Scheduler::Core::BeginAttempt(const Located& task) {
  const auto& [query, stage_index, partition_index, attempt] = task;
  const Stage& stage = query.stage(stage_index);
  const NodeIndex node = stage.partitions[partition_index].attempts[attempt].node;
  const bool own = stage.plan.distribution == Distribution::kCoordinator;
  nodes_.Lease(node, query.Ref(stage_index, partition_index, attempt),
               stage.partitions[partition_index].memory_bytes, own ? Claim::kNothing : Claim::kSlot);
  query.RefreshReady(stage_index);
  commands_.push_back(query.MakeStart(stage_index, partition_index, attempt, nodes_));
}

}  // namespace planaria::scheduler
