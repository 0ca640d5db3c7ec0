// Second copies of slow tasks: the first of both that finishes commits.
#include <algorithm>
#include <utility>

#include "scheduler/core.h"

namespace planaria::scheduler {
namespace {

/// When a straggler finds no idle slot, or is not one yet.
constexpr Duration kLookAgain = std::chrono::seconds(1);

}  // namespace

void Scheduler::Core::WatchStragglers(Query& query, uint32_t stage_index) {
  Stage& stage = query.stage(stage_index);
  if (!query.limits.speculation || query.run || stage.straggler_timer || stage.complete() ||
      stage.plan.distribution == Distribution::kCoordinator) {
    return;
  }
  const auto due = stage.stragglers.due(stage.tasks());
  if (!due) return;
  stage.straggler_timer = true;
  straggler_timers_.emplace(std::max(*due, now_ + std::chrono::milliseconds(1)), query.serial, stage_index);
}

void Scheduler::Core::CopyStragglers() {
  while (!straggler_timers_.empty() && std::get<TimePoint>(*straggler_timers_.begin()) <= now_) {
    const auto [at, serial, stage_index] = *straggler_timers_.begin();
    straggler_timers_.erase(straggler_timers_.begin());
    Query* query = FindActive(serial);
    if (query == nullptr || query->run) continue;
    Stage& stage = query->stage(stage_index);
    stage.straggler_timer = false;
    while (CopyOne(*query, stage_index)) {
    }
    const auto due = stage.stragglers.due(stage.tasks());
    if (!due || stage.complete()) continue;
    stage.straggler_timer = true;
    straggler_timers_.emplace(std::max(*due, now_ + kLookAgain), serial, stage_index);
  }
}

bool Scheduler::Core::CopyOne(Query& query, uint32_t stage_index) {
  Stage& stage = query.stage(stage_index);
  // Only slots that nobody else has a use for.
  if (stage.complete() || stage.open_inputs > 0 || !round_.empty() || !nodes_.has_free_slot() ||
      stage.copies >= CopiesAllowed(stage.tasks())) {
    return false;
  }
  const auto straggler = stage.stragglers.Find(stage.tasks(), now_);
  if (!straggler) return false;
  const Partition& partition = stage.partitions[*straggler];
  const NodeIndex original = partition.attempts[stage.RunningAttempts(*straggler).front()].node;
  std::vector<NodeIndex> avoid = partition.avoid;
  avoid.push_back(original);
  const auto node = nodes_.Choose(avoid, partition.memory_bytes);
  if (!node || *node == original) return false;
  BeginAttempt(
      {query, stage_index, *straggler, stage.StartCopy(*straggler, *node, query.generation(), now_)});
  return true;
}

}  // namespace planaria::scheduler
