#include "scheduler/task_division.h"

namespace planaria::scheduler {

std::optional<std::pair<TaskWork, TaskWork>> DivideTask(const TaskWork& work, Distribution distribution) {
  std::pair<TaskWork, TaskWork> halves;
  if (distribution == Distribution::kHash) {
    if (work.reads.size() < 2) return std::nullopt;
    const auto middle = work.reads.begin() + static_cast<ptrdiff_t>(work.reads.size() / 2);
    halves.first.reads.assign(work.reads.begin(), middle);
    halves.second.reads.assign(middle, work.reads.end());
    return halves;
  }
  if (distribution != Distribution::kSource) return std::nullopt;
  size_t count = 0;
  for (const ScanSplits& scan : work.splits) count += scan.splits.size();
  if (count < 2) return std::nullopt;
  size_t taken = 0;
  for (const ScanSplits& scan : work.splits) {
    halves.first.splits.push_back({scan.scan, {}});
    halves.second.splits.push_back({scan.scan, {}});
    for (const uint32_t split : scan.splits) {
      TaskWork& half = taken++ < count / 2 ? halves.first : halves.second;
      half.splits.back().splits.push_back(split);
    }
  }
  return halves;
}

}  // namespace planaria::scheduler
