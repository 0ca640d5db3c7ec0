// What one task uses of its process.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "base/units.h"

namespace planaria::kernel {

/// Bytes that threads allocated while they worked for one task, less those that were freed, by whomever.
/// Outlives the task where something else keeps what it allocated.
using MemoryAccount = std::atomic<int64_t>;

/// Thread-safe.
class TaskMeter {
 public:
  /// The task that the calling thread works for; nullptr when there is none.
  static TaskMeter* OfThread();

  /// The calling thread works for the task from here to the Leave that belongs to it; pairs may be nested.
  void Enter();
  void Leave();
  /// CPU time of all threads between their Enter and Leave, of those that are still at work too.
  Duration cpu() const;

  /// A thread has begun to read a split of so many bytes.
  void Scanned(uint64_t bytes) { scanned_.fetch_add(bytes, std::memory_order_relaxed); }
  uint64_t scanned_bytes() const { return scanned_.load(std::memory_order_relaxed); }

  /// The task is to end: its threads do not wait for memory any more.
  void Stop() { stopped_.store(true, std::memory_order_relaxed); }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  /// Large allocations of the kernel (kernel/task_allocator.h).
  const std::shared_ptr<MemoryAccount>& account() const { return account_; }
  uint64_t memory_bytes() const {
    return static_cast<uint64_t>(std::max<int64_t>(0, account_->load(std::memory_order_relaxed)));
  }

 private:
  struct Worker {
    clockid_t clock;
    Duration entered;
    int depth;
    TaskMeter* before;
  };

  mutable std::mutex mutex_;
  Duration done_{0};
  std::map<pthread_t, Worker> workers_;
  std::atomic<uint64_t> scanned_{0};
  std::atomic<bool> stopped_{false};
  const std::shared_ptr<MemoryAccount> account_ = std::make_shared<MemoryAccount>(0);
};

}  // namespace planaria::kernel
