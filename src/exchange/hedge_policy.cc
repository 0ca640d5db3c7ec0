#include "exchange/hedge_policy.h"

#include <algorithm>
#include <bit>

namespace planaria::exchange {

void HedgePolicy::Note(Duration took) {
  const auto micros = static_cast<uint64_t>(
      std::max<int64_t>(1, std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  buckets_[std::min<size_t>(kBuckets - 1, std::bit_width(micros) - 1)]++;
  reads_++;
  if (recent_.fetch_add(1) + 1 < kMemory) return;
  // Of several threads that come here at once one halves.
  uint64_t full = recent_;
  if (full < kMemory || !recent_.compare_exchange_strong(full, full / 2)) return;
  for (auto& bucket : buckets_) bucket = bucket / 2;
}

std::optional<Duration> HedgePolicy::Patience() const {
  uint64_t total = 0;
  for (const auto& bucket : buckets_) total += bucket;
  if (total < options_.reads_to_learn) return std::nullopt;
  uint64_t below = 0;
  for (size_t i = 0; i < kBuckets; i++) {
    below += buckets_[i];
    if (below * 20 < total * 19) continue;
    const Duration slow = std::chrono::microseconds(uint64_t{2} << i);
    return std::max(options_.least, slow * options_.factor);
  }
  return std::nullopt;
}

bool HedgePolicy::Take() {
  uint64_t taken = hedges_;
  while (taken < options_.first_hedges + reads_ / options_.reads_per_hedge) {
    if (hedges_.compare_exchange_weak(taken, taken + 1)) return true;
  }
  return false;
}

}  // namespace planaria::exchange
