// The kernel's one memory pool as what the exchange keeps outputs in.
#pragma once

#include "exchange/revocable_memory.h"

namespace planaria::kernel {
class Engine;
}  // namespace planaria::kernel

namespace planaria::worker {

/// Operators take it back when they need it (kernel/cache_memory.h).
class PoolMemory final : public exchange::RevocableMemory {
 public:
  /// `engine` outlives it and its bytes.
  explicit PoolMemory(kernel::Engine& engine) : engine_(engine) {}

  uint64_t Share() const override;
  std::shared_ptr<const exchange::RevocableBytes> Keep(const void* data, size_t size) override;

 private:
  kernel::Engine& engine_;
};

}  // namespace planaria::worker
