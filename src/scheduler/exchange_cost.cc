#include "scheduler/exchange_cost.h"

#include <algorithm>
#include <cmath>

namespace planaria::scheduler {
namespace {

/// Ranges are read in requests of this size at most, objects written in parts of this size.
constexpr uint64_t kReadBytes = 4ull << 20;
constexpr uint64_t kPartBytes = 5ull << 20;
/// An upload in parts has a request at its beginning and one at its end.
constexpr uint64_t kPartsAreOpenedAndClosed = 2;
/// Traffic that takes as long as a request: 10 ms at 10 MB/s of one connection.
constexpr uint64_t kBytesLikeARequest = 100'000;

uint64_t Pieces(uint64_t bytes, uint64_t size) { return std::max<uint64_t>(1, (bytes + size - 1) / size); }

uint64_t Reads(uint64_t objects, uint64_t readers, uint64_t bytes) {
  const uint64_t ranges = std::max<uint64_t>(1, objects * readers);
  return ranges * Pieces(bytes / ranges, kReadBytes);
}

uint64_t Writes(uint64_t objects, uint64_t bytes) {
  const uint64_t parts = Pieces(bytes / objects, kPartBytes);
  return objects * (parts == 1 ? 1 : parts + kPartsAreOpenedAndClosed);
}

}  // namespace

uint64_t RequestsUnmerged(const ExchangeSize& exchange) {
  return Reads(exchange.producers, exchange.readers, exchange.bytes);
}

uint64_t RequestsMerged(const ExchangeSize& exchange, uint64_t tasks) {
  return Reads(exchange.producers, 1, exchange.bytes) + Writes(tasks, exchange.bytes) +
         Reads(tasks, exchange.readers, exchange.bytes) + 2 * exchange.bytes / kBytesLikeARequest;
}

std::optional<uint32_t> MergingTasks(const ExchangeSize& exchange, uint64_t least_saving) {
  // The objects' number times the readers is what is left of the reads, so few are good; sqrt(producers) is
  // where reading the outputs would begin to be the slower part, each task reading one after another.
  const auto by_number = static_cast<uint64_t>(std::ceil(std::sqrt(static_cast<double>(exchange.producers))));
  const uint64_t tasks = std::max({uint64_t{1}, by_number, Pieces(exchange.bytes, kMergedBytes)});
  if (tasks >= exchange.producers) return std::nullopt;
  const uint64_t unmerged = RequestsUnmerged(exchange);
  if (RequestsMerged(exchange, tasks) + std::max<uint64_t>(1, least_saving) > unmerged) return std::nullopt;
  return static_cast<uint32_t>(tasks);
}

}  // namespace planaria::scheduler
