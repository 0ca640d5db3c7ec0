// random(n) and random(m, n), out of the kernel's random() of [0, 1).
#include <limits>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

/// `start` and that part of the way to `stop`.
template <typename T>
T Part(double part, int64_t start, int64_t stop) {
  const double width = static_cast<double>(stop) - static_cast<double>(start);
  const auto step = static_cast<uint64_t>(part * width);
  const auto value = static_cast<int64_t>(static_cast<uint64_t>(start) + step);
  // The width is rounded where it has more digits than a double.
  return static_cast<T>(value < start || value >= stop ? stop - 1 : value);
}

template <typename T>
T Below(double part, T bound) {
  if (bound <= 0) FailArgument("bound must be positive");
  return Part<T>(part, 0, bound);
}

template <typename T>
T Between(double part, T start, T stop) {
  if (start >= stop) FailArgument("start value must be less than stop value");
  return Part<T>(part, start, stop);
}

template <typename T>
void AddIntegers(FunctionSet& functions) {
  functions.Add(Scalar<&Below<T>>("trino_random_part"));
  functions.Add(Scalar<&Between<T>>("trino_random_part"));
}

}  // namespace

void AddRandom(FunctionSet& functions) {
  AddIntegers<int8_t>(functions);
  AddIntegers<int16_t>(functions);
  AddIntegers<int32_t>(functions);
  AddIntegers<int64_t>(functions);
}

}  // namespace planaria::kernel
