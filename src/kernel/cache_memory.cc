#include "kernel/cache_memory.h"

#include <algorithm>
#include <cstring>

#include "duckdb/storage/buffer/block_handle.hpp"
#include "duckdb/storage/buffer/buffer_handle.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "kernel/task_buffer_pool.h"

namespace planaria::kernel {

bool CachedBytes::Read(size_t offset, size_t length, void* target) const {
  // Pinning what was dropped would ask the pool for its memory first.
  if (block_->GetMemory().IsUnloaded()) return false;
  const NoWaitForMemory at_once;
  try {
    auto block = block_;
    const duckdb::BufferHandle pinned = pool_.Pin(block);
    if (!pinned.IsValid()) return false;
    std::memcpy(target, pinned.Ptr() + offset, length);
    return true;
  } catch (const duckdb::OutOfMemoryException&) {
    // Dropped in between.
    return false;
  }
}

uint64_t ShareOfCaches(Engine& engine) {
  const uint64_t most = duckdb::BufferManager::GetBufferManager(engine.instance()).GetMaxMemory() / 8 * 7;
  return most - std::min(most, engine.OperatorMemory());
}

std::shared_ptr<const CachedBytes> CacheBytes(Engine& engine, const void* data, size_t size) {
  const NoWaitForMemory at_once;
  try {
    auto& pool = duckdb::BufferManager::GetBufferManager(engine.instance());
    const duckdb::BufferHandle pinned = pool.Allocate(duckdb::MemoryTag::EXTERNAL_FILE_CACHE, size, true);
    std::memcpy(pinned.Ptr(), data, size);
    return std::make_shared<const CachedBytes>(pool, pinned.GetBlockHandle());
  } catch (const duckdb::OutOfMemoryException&) {
    return nullptr;
  }
}

}  // namespace planaria::kernel
