#include "env/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace planaria {

uint64_t RandomSource::Below(uint64_t bound) {
  // The part of the range that does not divide evenly is thrown away, so that no value is favoured.
  const uint64_t uneven = (~bound + 1) % bound;
  uint64_t value = Next();
  while (value < uneven) value = Next();
  return value % bound;
}

double RandomSource::Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

std::string RandomSource::Hex(size_t bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes * 2);
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes; ++i) {
    if (i % 8 == 0) bits = Next();
    text += kDigits[(bits >> 4) & 15];
    text += kDigits[bits & 15];
    bits >>= 8;
  }
  return text;
}

uint64_t SystemRandom::Next() {
  uint64_t value = 0;
  while (getrandom(&value, sizeof value, 0) != sizeof value)
    if (errno != EINTR)
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, std::string("getrandom: ") + std::strerror(errno));
  return value;
}

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t SeededRandom::Next() {
  std::lock_guard lock(mutex_);
  uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace planaria
