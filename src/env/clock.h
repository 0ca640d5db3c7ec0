// Time as the rest of the system sees it: real here, simulated in sim/.
#pragma once

#include <chrono>

#include "base/units.h"

namespace planaria {

/// All functions may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic time since an arbitrary start; only differences mean something.
  virtual Duration Now() const = 0;
  /// Calendar time; may jump.
  virtual std::chrono::system_clock::time_point WallTime() const = 0;
};

class SystemClock final : public Clock {
 public:
  Duration Now() const override;
  std::chrono::system_clock::time_point WallTime() const override;
};

/// Also counts while the machine sleeps.
class BootClock final : public Clock {
 public:
  Duration Now() const override;
  std::chrono::system_clock::time_point WallTime() const override;
};

}  // namespace planaria
