#include "scheduler/speculation.h"

#include <algorithm>

namespace planaria::scheduler {
namespace {

using std::chrono::milliseconds;

constexpr Duration kAtLeast = std::chrono::seconds(1);
constexpr int kTimesMedian = 2;

}  // namespace

void StragglerWatch::Finished(Duration run_time) {
  const auto millis = std::chrono::duration_cast<milliseconds>(run_time).count();
  run_times_.Add(static_cast<uint64_t>(std::max<int64_t>(0, millis)));
}

std::optional<TimePoint> StragglerWatch::due(uint32_t tasks) const {
  if (running_.empty() || run_times_.count() * 2 < tasks) return std::nullopt;
  const Duration median = milliseconds(run_times_.Quantile(0.5));
  return running_.begin()->first + std::max(kAtLeast, kTimesMedian * median);
}

std::optional<uint32_t> StragglerWatch::Find(uint32_t tasks, TimePoint now) const {
  const auto at = due(tasks);
  if (!at || *at > now) return std::nullopt;
  return running_.begin()->second;
}

uint32_t CopiesAllowed(uint32_t tasks) { return std::max(1u, tasks / 10); }

}  // namespace planaria::scheduler
