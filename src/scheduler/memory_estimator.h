// What memory the tasks of a stage need, learnt from those that have ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "scheduler/log_histogram.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

class MemoryEstimator {
 public:
  /// A task ended; 0 says nothing.
  void Observe(uint64_t peak_bytes, double quantile);
  /// What a task that nothing else is known of will need; 0 when nothing is known.
  uint64_t expected() const { return expected_; }

 private:
  LogHistogram peaks_;
  uint64_t expected_ = 0;
  uint64_t observed_at_ = 0;
};

/// What the next attempt of a task gets after it ran out of memory with `granted` bytes and a peak of `peak`
/// (0 when unknown): the larger one times the growth factor, all of the largest node (0 when unknown) on the
/// last attempt, and never more than that.
uint64_t GrowMemory(uint64_t granted, uint64_t peak, uint64_t largest_node, bool last_attempt,
                    const QueryLimits& limits);

/// Trino's error when the next grant is not above the reported peak, within a hundredth: with `failed`'s
/// code. Nothing when there is hope.
std::optional<Error> FindHopelessGrant(const std::string& task, uint64_t next_grant, uint64_t peak,
                                       const Error& failed);

}  // namespace planaria::scheduler
