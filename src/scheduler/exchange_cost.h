// What an exchange over an object store costs in requests, and whether merging its outputs in between costs
// less (docs/storage.md, "Merging").
#pragma once

#include <cstdint>
#include <optional>

namespace planaria::scheduler {

struct ExchangeSize {
  /// Objects that hold the exchange: one a producer.
  uint64_t producers = 0;
  /// Tasks that read a piece of each object.
  uint64_t readers = 0;
  uint64_t bytes = 0;
};

/// What a merging task holds to put it in order of partitions (worker::kMergeBytes is the same); an object is
/// so large at most.
inline constexpr uint64_t kMergedBytes = 32ull << 20;

/// Requests of all readers.
uint64_t RequestsUnmerged(const ExchangeSize& exchange);

/// Requests of `tasks` that read all outputs and write as many larger ones, and of all readers of these; with
/// what the way there and back costs in traffic, in requests of the same price.
uint64_t RequestsMerged(const ExchangeSize& exchange, uint64_t tasks);

/// How many tasks merge the exchange at the least cost; nothing when that saves fewer than `least_saving`
/// requests.
std::optional<uint32_t> MergingTasks(const ExchangeSize& exchange, uint64_t least_saving);

}  // namespace planaria::scheduler
