#include "worker/pool_memory.h"

#include <utility>

#include "kernel/cache_memory.h"

namespace planaria::worker {

namespace {

class PoolBytes final : public exchange::RevocableBytes {
 public:
  explicit PoolBytes(std::shared_ptr<const kernel::CachedBytes> cached) : cached_(std::move(cached)) {}
  bool Read(size_t offset, size_t length, void* target) const override {
    return cached_->Read(offset, length, target);
  }

 private:
  const std::shared_ptr<const kernel::CachedBytes> cached_;
};

}  // namespace

uint64_t PoolMemory::Share() const { return kernel::ShareOfCaches(engine_); }

std::shared_ptr<const exchange::RevocableBytes> PoolMemory::Keep(const void* data, size_t size) {
  auto cached = kernel::CacheBytes(engine_, data, size);
  return cached ? std::make_shared<PoolBytes>(std::move(cached)) : nullptr;
}

}  // namespace planaria::worker
