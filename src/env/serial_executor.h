// One thread that runs functions one after another: for state that is nobody else's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "env/executor.h"

namespace planaria {

/// Posted functions run in the order of posting, due timers in the order of their times; a function may block
/// no longer than what waits behind it can bear.
class SerialExecutor final : public Executor {
 public:
  SerialExecutor();
  /// Stop().
  ~SerialExecutor() override;
  SerialExecutor(const SerialExecutor&) = delete;
  SerialExecutor& operator=(const SerialExecutor&) = delete;

  void Post(std::function<void()> fn) override;
  TimerHandle RunAfter(Duration delay, std::function<void()> fn) override;

  /// Waits for the running function and drops the others; nothing runs afterwards. Not from its own thread.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  class Timer;
  void Run();

  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::deque<std::function<void()>> queue_;
  std::multimap<Clock::time_point, std::shared_ptr<Timer>> timers_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace planaria
