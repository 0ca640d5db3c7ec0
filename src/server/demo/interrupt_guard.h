// Ctrl-C in the middle: processes end and files go before the program does.
#pragma once

#include <functional>
#include <thread>

namespace planaria::server {

/// While it lives, SIGINT and SIGTERM run `clean_up` on a thread of its own and end the program with 128 +
/// the signal's number. Make it before any other thread, so that no other one takes the signals.
class InterruptGuard {
 public:
  explicit InterruptGuard(std::function<void()> clean_up);
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  std::jthread waiter_;
};

}  // namespace planaria::server
