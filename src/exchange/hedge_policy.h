// When a read is taking so long that a second one beside it is likely to be faster.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace planaria::exchange {

/// Learns from the reads of all readers of a node. Thread-safe.
class HedgePolicy {
 public:
  struct Options {
    /// Never earlier: what is fast needs no help.
    Duration least = std::chrono::milliseconds(100);
    /// After so many times what nineteen of twenty reads take.
    uint32_t factor = 3;
    /// One hedge in so many reads, and a few at the start: a store that is slow as a whole gets no second
    /// load.
    uint64_t reads_per_hedge = 20;
    uint64_t first_hedges = 5;
    /// Before there are so many reads nothing is known.
    uint64_t reads_to_learn = 20;
  };

  HedgePolicy() = default;
  explicit HedgePolicy(Options options) : options_(options) {}

  /// A read has taken so long.
  void Note(Duration took);
  /// How long to wait for a read; nothing when there is not enough known.
  std::optional<Duration> Patience() const;
  /// Whether one more may be sent twice; takes it.
  bool Take();

  uint64_t hedges() const { return hedges_; }

 private:
  // Bucket i holds reads of 2^i to 2^(i+1) microseconds.
  static constexpr size_t kBuckets = 40;
  // Older reads count half after so many newer ones.
  static constexpr uint64_t kMemory = 4096;

  const Options options_ = {};
  std::array<std::atomic<uint64_t>, kBuckets> buckets_{};
  std::atomic<uint64_t> recent_{0};
  std::atomic<uint64_t> reads_{0};
  std::atomic<uint64_t> hedges_{0};
};

}  // namespace planaria::exchange
