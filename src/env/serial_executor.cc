#include "env/serial_executor.h"

#include <utility>

namespace planaria {

/// Stays in the queue when cancelled and does nothing once its time comes.
class SerialExecutor::Timer final : public TimerHandle::Timer {
 public:
  explicit Timer(std::function<void()> fn) : fn_(std::move(fn)) {}
  bool Cancel() override { return Take() != nullptr; }
  std::function<void()> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(fn_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::function<void()> fn_;
};

SerialExecutor::SerialExecutor() : thread_([this] { Run(); }) {}

SerialExecutor::~SerialExecutor() { Stop(); }

void SerialExecutor::Stop() {
  decltype(queue_) dropped;
  decltype(timers_) dropped_timers;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    dropped_timers.swap(timers_);
  }
  wakeup_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SerialExecutor::Post(std::function<void()> fn) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(fn));
  }
  wakeup_.notify_one();
}

TimerHandle SerialExecutor::RunAfter(Duration delay, std::function<void()> fn) {
  auto timer = std::make_shared<Timer>(std::move(fn));
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return {};
    timers_.emplace(Clock::now() + delay, timer);
  }
  wakeup_.notify_one();
  return TimerHandle(timer);
}

void SerialExecutor::Run() {
  std::deque<std::function<void()>> ready;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      while (!stopping_ && queue_.empty() && (timers_.empty() || timers_.begin()->first > Clock::now())) {
        if (timers_.empty()) {
          wakeup_.wait(lock);
        } else {
          wakeup_.wait_until(lock, timers_.begin()->first);
        }
      }
      if (stopping_) return;
      ready.swap(queue_);
      const auto due = timers_.upper_bound(Clock::now());
      for (auto timer = timers_.begin(); timer != due; timer = timers_.erase(timer)) {
        ready.push_back([timer = timer->second] {
          if (const auto fn = timer->Take()) fn();
        });
      }
    }
    while (!ready.empty()) {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
      }
      ready.front()();
      ready.pop_front();
    }
  }
}

}  // namespace planaria
