#include "env/clock.h"

namespace planaria {

Duration SystemClock::Now() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

std::chrono::system_clock::time_point SystemClock::WallTime() const {
  return std::chrono::system_clock::now();
}

}  // namespace planaria
