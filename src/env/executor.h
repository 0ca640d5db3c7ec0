// Where work runs: an Executor takes functions now or later; EventLoop is the real one.
#pragma once

#include <functional>
#include <memory>

#include "base/units.h"

namespace boost::asio {
class io_context;
}

namespace planaria {

/// A function scheduled for later. Dropping the handle leaves the timer running; Cancel() takes it back.
class TimerHandle {
 public:
  /// What an Executor keeps of a pending timer.
  class Timer {
   public:
    virtual ~Timer() = default;
    /// True if the function had not started and now never will.
    virtual bool Cancel() = 0;
  };

  TimerHandle() = default;
  explicit TimerHandle(std::weak_ptr<Timer> timer) : timer_(std::move(timer)) {}

  /// True if the function had not started and now never will; false if it ran, runs or was cancelled
  /// before. Does not wait for a function that runs on another thread. Any thread.
  bool Cancel() {
    auto timer = timer_.lock();
    return timer && timer->Cancel();
  }

 private:
  std::weak_ptr<Timer> timer_;
};

/// Functions given to it must not block and must not throw: an escaping exception ends the process.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `fn` soon, never inside this call. Any thread.
  virtual void Post(std::function<void()> fn) = 0;
  /// Runs `fn` once `delay` has passed. Any thread.
  virtual TimerHandle RunAfter(Duration delay, std::function<void()> fn) = 0;
};

/// Threads that serve sockets, timers and posted functions, in no particular order.
///
/// Everything built on a loop (HttpServer, HttpClient) must be destroyed before it.
class EventLoop final : public Executor {
 public:
  /// Starts `threads` threads (at least one).
  explicit EventLoop(int threads);
  /// Stops, then drops functions that have not run.
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void Post(std::function<void()> fn) override;
  TimerHandle RunAfter(Duration delay, std::function<void()> fn) override;

  /// Lets running functions return and joins the threads; nothing runs afterwards. Not from a loop thread.
  void Stop();

  /// For the sockets of this room.
  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace planaria
