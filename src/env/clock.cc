#include "env/clock.h"

#include <time.h>

namespace planaria {

Duration SystemClock::Now() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

std::chrono::system_clock::time_point SystemClock::WallTime() const {
  return std::chrono::system_clock::now();
}

Duration BootClock::Now() const {
  timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::chrono::system_clock::time_point BootClock::WallTime() const { return std::chrono::system_clock::now(); }

}  // namespace planaria
