#include "base/fault_points.h"

#include <signal.h>
#include <unistd.h>

#include <thread>

namespace planaria {

FaultPoints& FaultPoints::Instance() {
  static FaultPoints points;
  return points;
}

void FaultPoints::Set(std::vector<FaultRule> rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  fired_.assign(rules_.size(), 0);
  ++generation_;
  active_ = !rules_.empty();
  replaced_.notify_all();
}

std::vector<uint64_t> FaultPoints::Fired() const {
  const std::lock_guard lock(mutex_);
  return fired_;
}

std::optional<FaultRule> FaultPoints::FindAndCount(std::string_view point, const TaskId* task) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < rules_.size(); ++i) {
    const FaultRule& rule = rules_[i];
    if (rule.point != point || fired_[i] >= rule.times) continue;
    const bool about_task = rule.fragment || rule.partition || rule.last_attempt != UINT32_MAX;
    if (about_task && task == nullptr) continue;
    if (rule.fragment && *rule.fragment != task->fragment.value) continue;
    if (rule.partition && *rule.partition != task->partition.value) continue;
    if (task != nullptr && task->attempt.value > rule.last_attempt) continue;
    ++fired_[i];
    FaultRule hit = rule;
    hit.generation = generation_;
    return hit;
  }
  return std::nullopt;
}

void FaultPoints::Apply(const FaultRule& rule) {
  switch (rule.action) {
    case FaultAction::kFail:
      throw TrinoException(rule.error);
    case FaultAction::kDelay:
      std::this_thread::sleep_for(rule.delay);
      return;
    case FaultAction::kHang: {
      std::unique_lock lock(mutex_);
      replaced_.wait(lock, [&] { return generation_ != rule.generation; });
      return;
    }
    case FaultAction::kKill:
      kill(getpid(), SIGKILL);
      return;
    case FaultAction::kFreeze:
      kill(getpid(), SIGSTOP);
  }
}

}  // namespace planaria
