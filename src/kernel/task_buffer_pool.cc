#include "kernel/task_buffer_pool.h"

#include <chrono>
#include <thread>

#include "kernel/task_allocator.h"
#include "kernel/task_meter.h"

namespace planaria::kernel {

namespace {

/// The pool tells nobody when memory is given back, so it is asked again.
constexpr auto kPause = std::chrono::milliseconds(20);
constexpr uint64_t kFlushThreshold = 512ull << 20;
/// What others hold of the limit at least, for a wait to be worth it.
constexpr uint64_t kWorthwhilePart = 10;

thread_local int refused_at_once = 0;

/// For what the pool itself asks of it: to give freed memory back to the system. Blocks come from the
/// database's own.
duckdb::BlockAllocator& Flusher() {
  static auto* flusher =
      new duckdb::BlockAllocator(duckdb::Allocator::DefaultAllocator(), DEFAULT_BLOCK_ALLOC_SIZE, 0, 0);
  return *flusher;
}

bool IsCache(duckdb::MemoryTag tag) {
  return tag == duckdb::MemoryTag::EXTERNAL_FILE_CACHE || tag == duckdb::MemoryTag::OBJECT_CACHE;
}

/// One thread's wait, while it lasts.
class Waiting {
 public:
  explicit Waiting(std::atomic<uint32_t>& count) : count_(count) { ++count_; }
  ~Waiting() { --count_; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::atomic<uint32_t>& count_;
};

}  // namespace

NoWaitForMemory::NoWaitForMemory() { refused_at_once++; }
NoWaitForMemory::~NoWaitForMemory() { refused_at_once--; }

TaskBufferPool::TaskBufferPool(uint64_t limit, Duration longest_wait)
    : BufferPool(Flusher(), limit, false, kFlushThreshold), longest_wait_(longest_wait) {}

bool TaskBufferPool::OthersHoldMemory(uint64_t own, uint64_t limit) const {
  return GetUsedMemory(false) > own + limit / kWorthwhilePart;
}

duckdb::BufferPool::EvictionResult TaskBufferPool::EvictBlocks(duckdb::MemoryTag tag,
                                                               duckdb::idx_t extra_memory,
                                                               duckdb::idx_t memory_limit,
                                                               duckdb::unique_ptr<duckdb::FileBuffer>*) {
  // The memory of an evicted block is freed and not handed on: it may be another task's.
  const auto evict = [&] {
    auto result = BufferPool::EvictBlocks(tag, extra_memory, memory_limit, nullptr);
    DoNotChargeNext(result.success && IsCache(tag));
    return result;
  };
  const TaskMeter* task = TaskMeter::OfThread();
  if (task == nullptr || longest_wait_ == Duration::zero() || refused_at_once > 0) return evict();
  {
    auto result = evict();
    if (result.success) return result;
  }
  const Waiting waiting(waiting_);
  const auto deadline = std::chrono::steady_clock::now() + longest_wait_;
  while (true) {
    const bool last = task->stopped() || std::chrono::steady_clock::now() >= deadline ||
                      !OthersHoldMemory(task->memory_bytes(), memory_limit);
    if (!last) std::this_thread::sleep_for(kPause);
    auto result = evict();
    if (result.success || last) return result;
  }
}

}  // namespace planaria::kernel
