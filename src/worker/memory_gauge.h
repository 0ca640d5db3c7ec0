// How much memory this node's tasks hold, as far as it can be told apart.
//
// All tasks of a node share the kernel's one pool, which spills before it refuses. It does not say who holds
// what, so a task's peak is estimated: the largest share of the operators' memory that fell on one running
// task. Alone on its node a task is measured exactly.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>

#include "base/error.h"

namespace planaria::worker {

/// Thread-safe.
class MemoryGauge {
 public:
  /// `held` gives the bytes that operators hold now.
  explicit MemoryGauge(std::function<uint64_t()> held) : held_(std::move(held)) {}

  /// One task, from its start to its end.
  class Task {
   public:
    explicit Task(MemoryGauge& gauge) : gauge_(gauge) { ++gauge_.tasks_; }
    ~Task() { --gauge_.tasks_; }
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    /// Looks now; call it now and then.
    void Sample() {
      const uint32_t tasks = std::max(1u, gauge_.tasks_.load(std::memory_order_relaxed));
      const uint64_t share = gauge_.held_() / tasks;
      uint64_t peak = peak_.load(std::memory_order_relaxed);
      while (share > peak && !peak_.compare_exchange_weak(peak, share, std::memory_order_relaxed)) {
      }
    }
    uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }

    /// The pool refused this task memory. Alone it asked for more than the node has; among others it may
    /// simply have asked last, which is the node's trouble and not the task's
    /// (CLUSTER_OUT_OF_MEMORY, with Trino's words).
    Error Judge(const Error& error) const {
      if (error.code != errors::EXCEEDED_LOCAL_MEMORY_LIMIT || gauge_.tasks_ <= 1) return error;
      return {errors::CLUSTER_OUT_OF_MEMORY,
              "Task killed because the cluster is out of memory. " + error.message, error.location,
              error.suppressed};
    }

   private:
    MemoryGauge& gauge_;
    std::atomic<uint64_t> peak_{0};
  };

 private:
  const std::function<uint64_t()> held_;
  std::atomic<uint32_t> tasks_{0};
};

}  // namespace planaria::worker
