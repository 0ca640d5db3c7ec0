// Lets one thread sleep until another has something for it.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/units.h"

namespace planaria::kernel {

/// Thread-safe. What is raised while nobody waits is kept for the next who does.
class Signal {
 public:
  void Raise() {
    {
      const std::lock_guard lock(mutex_);
      raised_ = true;
    }
    changed_.notify_one();
  }
  /// True if it was raised within `limit`.
  bool Wait(Duration limit) {
    std::unique_lock lock(mutex_);
    const bool raised = changed_.wait_for(lock, limit, [&] { return raised_; });
    raised_ = false;
    return raised;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
};

}  // namespace planaria::kernel
