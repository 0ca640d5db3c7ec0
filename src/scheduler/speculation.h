// Which tasks of a stage are stragglers: run times in, suspects out. Knows no nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "scheduler/log_histogram.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

class StragglerWatch {
 public:
  void Started(uint32_t partition, TimePoint at) { running_.emplace(at, partition); }
  /// The task no longer runs, or has a copy now.
  void Ended(uint32_t partition, TimePoint started) { running_.erase({started, partition}); }
  void Finished(Duration run_time);

  /// Once half of `tasks` have finished: the task that has run longest, if it has run for more than twice the
  /// median of the finished ones and at least a second.
  std::optional<uint32_t> Find(uint32_t tasks, TimePoint now) const;
  /// When Find may find one, if nothing finishes before.
  std::optional<TimePoint> due(uint32_t tasks) const;

 private:
  LogHistogram run_times_;
  /// Tasks that run without a copy, longest first.
  std::set<std::pair<TimePoint, uint32_t>> running_;
};

/// How many copies a stage of so many tasks may have at a time: a tenth, but one always.
uint32_t CopiesAllowed(uint32_t tasks);

}  // namespace planaria::scheduler
