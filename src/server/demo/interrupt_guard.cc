#include "server/demo/interrupt_guard.h"

#include <csignal>
#include <cstdlib>
#include <ctime>

namespace planaria::server {

InterruptGuard::InterruptGuard(std::function<void()> clean_up) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::jthread([signals, clean_up = std::move(clean_up)](std::stop_token stop) {
    const timespec between_looks = {.tv_sec = 0, .tv_nsec = 50'000'000};
    while (!stop.stop_requested()) {
      const int signal = sigtimedwait(&signals, nullptr, &between_looks);
      if (signal < 0) continue;
      clean_up();
      std::_Exit(128 + signal);
    }
  });
}

}  // namespace planaria::server
