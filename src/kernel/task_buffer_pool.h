// DuckDB's buffer pool, where a task that is refused memory waits a while for what other tasks hold.
//
// DuckDB spills first; what it then cannot give it refuses, and the operator that asked fails. Whether that
// one is the cause is chance. While it waits others may end, and the coordinator may choose who has to
// (docs/limits.md).
#pragma once

#include <atomic>

#include "base/units.h"
#include "duckdb.hpp"
#include "duckdb/storage/block_allocator.hpp"
#include "duckdb/storage/buffer/buffer_pool.hpp"

namespace planaria::kernel {

/// While it lives, what the pool refuses the calling thread it refuses at once.
class NoWaitForMemory {
 public:
  NoWaitForMemory();
  ~NoWaitForMemory();
  NoWaitForMemory(const NoWaitForMemory&) = delete;
};

/// Thread-safe.
class TaskBufferPool final : public duckdb::BufferPool {
 public:
  /// No wait is longer than `longest_wait`; none is begun by threads that work for no task, or whose task
  /// holds nearly everything itself.
  TaskBufferPool(uint64_t limit, Duration longest_wait);

  /// Threads that wait now.
  uint32_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 protected:
  EvictionResult EvictBlocks(duckdb::MemoryTag tag, duckdb::idx_t extra_memory, duckdb::idx_t memory_limit,
                             duckdb::unique_ptr<duckdb::FileBuffer>* buffer) override;

 private:
  bool OthersHoldMemory(uint64_t own, uint64_t limit) const;

  const Duration longest_wait_;
  std::atomic<uint32_t> waiting_{0};
};

}  // namespace planaria::kernel
