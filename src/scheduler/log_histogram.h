// Counts of values in steps of about a tenth: quantiles of any number of samples from two kilobytes at most.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace planaria::scheduler {

class LogHistogram {
 public:
  void Add(uint64_t value) {
    const size_t bucket = BucketOf(value);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++count_;
  }
  uint64_t count() const { return count_; }

  /// A value that the share `quantile` of the samples does not exceed; at most an eighth too large. 0 without
  /// samples.
  uint64_t Quantile(double quantile) const {
    const auto rank = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= std::max<uint64_t>(1, rank)) return LargestIn(bucket);
    }
    return 0;
  }

 private:
  /// Below 8 each value has its own; above, each power of two has eight.
  static size_t BucketOf(uint64_t value) {
    if (value < 8) return value;
    const int shift = std::bit_width(value) - 4;
    return static_cast<size_t>(shift + 1) * 8 + ((value >> shift) & 7);
  }
  static uint64_t LargestIn(size_t bucket) {
    if (bucket < 8) return bucket;
    const size_t shift = bucket / 8 - 1;
    return ((uint64_t{8} + bucket % 8 + 1) << shift) - 1;
  }

  std::vector<uint32_t> counts_;
  uint64_t count_ = 0;
};

}  // namespace planaria::scheduler
