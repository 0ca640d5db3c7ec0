#include "scheduler/split_assigner.h"

#include <algorithm>
#include <cmath>

namespace planaria::scheduler {
namespace {

/// How many tasks that start small have the same size.
constexpr uint32_t kSmallTasksPerSize = 4;

}  // namespace

SplitAssigner::SplitAssigner(std::vector<uint32_t> scans, const QueryLimits& limits, Mode mode)
    : scans_(std::move(scans)),
      limits_(limits),
      mode_(mode),
      open_scans_(scans_.begin(), scans_.end()),
      target_bytes_(static_cast<double>(limits.scan_task_target_min_bytes)) {
  for (size_t i = 0; i < scans_.size(); ++i) positions_.emplace(scans_[i], i);
}

std::vector<TaskSplits> SplitAssigner::Add(uint32_t scan, const std::vector<SplitInfo>& splits, bool last,
                                           uint32_t nodes) {
  std::vector<TaskSplits> tasks;
  if (!open_scans_.contains(scan)) return tasks;
  for (const SplitInfo& split : splits) {
    if (skipped_.erase({scan, split.index}) > 0) continue;
    const uint64_t bytes = split.bytes == 0 ? limits_.standard_split_bytes : split.bytes;
    held_.push_back({scan, split.index, bytes});
    held_bytes_ += bytes;
  }
  if (last) open_scans_.erase(scan);
  if (mode_ == Mode::kStartSmall && (!done() || !held_.empty())) {
    while (held_.size() >= SmallTask() || (done() && !held_.empty())) {
      tasks.push_back(Take(std::min(held_.size(), SmallTask())));
    }
    return tasks;
  }
  if (done()) {
    CutEvenly(nodes, &tasks);
    return tasks;
  }
  if (mode_ == Mode::kOneTask) return tasks;
  const uint64_t enough_for_all = limits_.scan_task_target_min_bytes * uint64_t{nodes};
  if (cut_tasks_ == 0 && held_bytes_ < enough_for_all) return tasks;
  while (const size_t count = FullTask()) {
    tasks.push_back(Take(count));
    Grow();
  }
  return tasks;
}

void SplitAssigner::SkipCut(const TaskSplits& task) {
  for (const ScanSplits& scan : task) {
    for (const uint32_t split : scan.splits) skipped_.emplace(scan.scan, split);
  }
  ++cut_tasks_;
}

TaskSplits SplitAssigner::Take(size_t count) {
  TaskSplits task;
  for (const uint32_t scan : scans_) task.push_back({scan, {}});
  for (; count > 0; --count) {
    const Held& split = held_.front();
    task[positions_.at(split.scan)].splits.push_back(split.index);
    held_bytes_ -= split.bytes;
    held_.pop_front();
  }
  ++cut_tasks_;
  return task;
}

size_t SplitAssigner::SmallTask() const {
  const uint32_t doublings = std::min(20u, cut_tasks_ / kSmallTasksPerSize);
  return std::min<size_t>(limits_.max_task_split_count, size_t{1} << doublings);
}

size_t SplitAssigner::FullTask() const {
  const uint64_t step = std::max<uint64_t>(1, limits_.scan_task_target_min_bytes);
  const uint64_t target = static_cast<uint64_t>(target_bytes_) / step * step;
  uint64_t bytes = 0;
  for (size_t count = 0; count < held_.size(); ++count) {
    if (count > 0 && (bytes + held_[count].bytes > target || count == limits_.max_task_split_count))
      return count;
    bytes += held_[count].bytes;
  }
  return 0;
}

void SplitAssigner::Grow() {
  if (cut_tasks_ % std::max(1u, limits_.scan_task_growth_period) != 0) return;
  target_bytes_ = std::min(static_cast<double>(limits_.scan_task_target_max_bytes),
                           std::ceil(target_bytes_ * limits_.scan_task_growth_factor));
}

void SplitAssigner::CutEvenly(uint32_t nodes, std::vector<TaskSplits>* tasks) {
  if (mode_ == Mode::kOneTask || held_.empty()) {
    if (cut_tasks_ == 0) tasks->push_back(Take(held_.size()));
    return;
  }
  const double total = static_cast<double>(held_bytes_);
  const double ceiling = std::max(target_bytes_, static_cast<double>(limits_.scan_task_floor_bytes));
  const double target =
      std::clamp(total / nodes, static_cast<double>(limits_.scan_task_floor_bytes), ceiling);
  double count = std::max(1.0, std::ceil(total / target - 1e-9));
  // One more than every node has would make all wait for it.
  if (count > nodes) count = std::ceil(count / nodes) * nodes;
  // Each split goes to the task in whose share of the total its middle lies: shares are even, neighbours stay
  // together, and no small rest is left for an extra task.
  double before = 0;
  double current = 0;
  size_t taken = 0;
  std::vector<size_t> counts;
  for (const Held& split : held_) {
    const double bytes = static_cast<double>(split.bytes);
    const double share = std::floor((before + bytes / 2) * count / total);
    if (taken > 0 && (share > current || taken >= limits_.max_task_split_count)) {
      counts.push_back(taken);
      taken = 0;
    }
    current = std::max(current, share);
    ++taken;
    before += bytes;
  }
  counts.push_back(taken);
  for (const size_t splits : counts) tasks->push_back(Take(splits));
}

}  // namespace planaria::scheduler
