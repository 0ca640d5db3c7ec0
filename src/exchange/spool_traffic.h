// What an output or an input has cost on storage.
#pragma once

#include <atomic>
#include <cstdint>

namespace planaria::exchange {

/// Thread-safe; counts up only.
struct SpoolTraffic {
  /// Ranges read from stores, each one request where they are remote; what came with pages inline costs none.
  std::atomic<uint64_t> reads{0};
  /// With headers, and whatever lay between blocks that were read together.
  std::atomic<uint64_t> read_bytes{0};
  /// Ranges that were nearer than their store (exchange/near_outputs.h).
  std::atomic<uint64_t> near_reads{0};
  std::atomic<uint64_t> near_read_bytes{0};
  /// Requests to write, on stores where writing costs any.
  std::atomic<uint64_t> writes{0};
  /// As stored.
  std::atomic<uint64_t> written_bytes{0};
};

}  // namespace planaria::exchange
