#include "scheduler/memory_estimator.h"

#include <algorithm>

namespace planaria::scheduler {

void MemoryEstimator::Observe(uint64_t peak_bytes, double quantile) {
  if (peak_bytes == 0) return;
  peaks_.Add(peak_bytes);
  // The quantile of many samples changes slowly, and reading it costs more than counting.
  if (peaks_.count() < observed_at_ + std::max<uint64_t>(1, observed_at_ / 16)) return;
  observed_at_ = peaks_.count();
  expected_ = peaks_.Quantile(quantile);
}

uint64_t GrowMemory(uint64_t granted, uint64_t peak, uint64_t largest_node, bool last_attempt,
                    const QueryLimits& limits) {
  const auto grown =
      static_cast<uint64_t>(static_cast<double>(std::max(granted, peak)) * limits.task_memory_growth_factor);
  if (largest_node == 0) return grown;
  return last_attempt ? largest_node : std::min(grown, largest_node);
}

std::optional<Error> FindHopelessGrant(const std::string& task, uint64_t next_grant, uint64_t peak,
                                       const Error& failed) {
  if (peak == 0 || static_cast<double>(next_grant) * 0.99 > static_cast<double>(peak)) return std::nullopt;
  return Error{failed.code,
               "Cannot allocate enough memory for task " + task +
                   ". Reported peak memory reservation: " + DataSize{peak}.ToString() +
                   ". Maximum possible reservation: " + DataSize{next_grant}.ToString() + ".",
               {},
               {}};
}

}  // namespace planaria::scheduler
