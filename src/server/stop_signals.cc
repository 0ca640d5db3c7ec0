#include "server/stop_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

namespace planaria::server {

StopSignals::StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signals_ = signalfd(-1, &signals, SFD_CLOEXEC);
  asked_ = eventfd(0, EFD_CLOEXEC);
  finished_ = eventfd(0, EFD_CLOEXEC);
}

StopSignals::~StopSignals() {
  for (const int fd : {signals_, asked_, finished_}) close(fd);
}

void StopSignals::Ask() { eventfd_write(asked_, 1); }
void StopSignals::Finish() { eventfd_write(finished_, 1); }

StopSignals::Reason StopSignals::Next() {
  std::array<pollfd, 3> waiting{{{signals_, POLLIN, 0}, {asked_, POLLIN, 0}, {finished_, POLLIN, 0}}};
  while (true) {
    // Interrupted by signals that are not ours.
    if (poll(waiting.data(), waiting.size(), -1) <= 0) continue;
    eventfd_t count;
    if (waiting[0].revents != 0) {
      signalfd_siginfo signal;
      if (read(signals_, &signal, sizeof signal) != sizeof signal) continue;
      return signal.ssi_signo == SIGINT ? Reason::kInterrupt : Reason::kTerminate;
    }
    if (waiting[1].revents != 0 && eventfd_read(asked_, &count) == 0) return Reason::kAsked;
    if (waiting[2].revents != 0 && eventfd_read(finished_, &count) == 0) return Reason::kFinished;
  }
}

}  // namespace planaria::server
