// Where work goes that may block: threads in a process (blocking_pool.h), simulated time in a simulation.
#pragma once

#include <functional>

namespace planaria {

class WorkQueue {
 public:
  virtual ~WorkQueue() = default;
  /// Runs `work` soon, never inside this call; it must not throw. Any thread.
  virtual void Post(std::function<void()> work) = 0;
};

}  // namespace planaria
