// Bytes in DuckDB's buffer pool that the pool drops as soon as an operator needs their memory.
#pragma once

#include <memory>

#include "kernel/engine.h"

namespace planaria::kernel {

/// Thread-safe. The engine outlives it.
class CachedBytes {
 public:
  CachedBytes(duckdb::BufferManager& pool, duckdb::shared_ptr<duckdb::BlockHandle> block)
      : pool_(pool), block_(std::move(block)) {}

  /// Copies `length` bytes from `offset`; false when the pool has dropped them.
  bool Read(size_t offset, size_t length, void* target) const;

 private:
  duckdb::BufferManager& pool_;
  const duckdb::shared_ptr<duckdb::BlockHandle> block_;
};

/// How much of the pool caches may have: what operators leave, less an eighth for what they ask for next.
uint64_t ShareOfCaches(Engine& engine);

/// A copy of `size` bytes, counted as a cache: on no task's account. Null when the pool refuses, which it
/// does at once.
std::shared_ptr<const CachedBytes> CacheBytes(Engine& engine, const void* data, size_t size);

}  // namespace planaria::kernel
