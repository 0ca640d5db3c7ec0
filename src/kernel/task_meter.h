// What one task uses of its process.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/units.h"

namespace planaria::kernel {

/// Thread-safe.
class TaskMeter {
 public:
  /// The calling thread works for the task from here to the Leave that belongs to it; pairs may be nested.
  void Enter();
  void Leave();
  /// CPU time of all threads between their Enter and Leave, of those that are still at work too.
  Duration cpu() const;

  /// A thread has begun to read a split of so many bytes.
  void Scanned(uint64_t bytes) { scanned_.fetch_add(bytes, std::memory_order_relaxed); }
  uint64_t scanned_bytes() const { return scanned_.load(std::memory_order_relaxed); }

 private:
  struct Worker {
    clockid_t clock;
    Duration entered;
    int depth;
  };

  mutable std::mutex mutex_;
  Duration done_{0};
  std::map<pthread_t, Worker> workers_;
  std::atomic<uint64_t> scanned_{0};
};

}  // namespace planaria::kernel
