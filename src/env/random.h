// Randomness behind an interface, so that a simulation can repeat itself from a seed.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace planaria {

/// All functions may be called from any thread.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// 64 uniformly distributed bits.
  virtual uint64_t Next() = 0;

  /// Uniform in [0, bound); bound > 0.
  uint64_t Below(uint64_t bound);
  /// Uniform in [0, 1).
  double Fraction();
  /// `bytes` random bytes as lower-case hex digits.
  std::string Hex(size_t bytes);
};

/// The kernel's generator: fit for secrets.
class SystemRandom final : public RandomSource {
 public:
  uint64_t Next() override;
};

/// The same sequence for the same seed; not for secrets.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override;

 private:
  std::mutex mutex_;
  uint64_t state_;
};

}  // namespace planaria
