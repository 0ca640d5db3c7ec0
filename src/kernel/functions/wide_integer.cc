#include "kernel/functions/wide_integer.h"

#include <array>

namespace planaria::kernel {

namespace {

constexpr auto kPowers = [] {
  std::array<Int128, kMaxDecimalDigits + 1> powers{};
  powers[0] = 1;
  for (int i = 1; i <= kMaxDecimalDigits; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

struct UInt256 {
  UInt128 high = 0;
  UInt128 low = 0;
};

UInt128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

UInt256 Product(UInt128 left, UInt128 right) {
  const UInt128 mask = ~uint64_t{0};
  const UInt128 low = (left & mask) * (right & mask);
  const UInt128 cross = (left >> 64) * (right & mask) + (low >> 64);
  const UInt128 other = (left & mask) * (right >> 64) + (cross & mask);
  return {(left >> 64) * (right >> 64) + (cross >> 64) + (other >> 64), (other << 64) | (low & mask)};
}

struct Division {
  UInt256 quotient;
  UInt128 remainder = 0;
};

Division Divide(const UInt256& value, UInt128 divisor) {
  Division result;
  result.quotient.high = value.high / divisor;
  UInt128 rest = value.high % divisor;
  if (rest == 0) {
    result.quotient.low = value.low / divisor;
    result.remainder = value.low % divisor;
    return result;
  }
  for (int bit = 127; bit >= 0; --bit) {
    const bool carry = (rest >> 127) != 0;
    rest = (rest << 1) | ((value.low >> bit) & 1);
    if (carry || rest >= divisor) {
      rest -= divisor;
      result.quotient.low |= UInt128{1} << bit;
    }
  }
  result.remainder = rest;
  return result;
}

}  // namespace

Int128 PowerOfTen(int exponent) { return kPowers[exponent]; }

std::optional<Int128> MultiplyDivide(Int128 value, int exponent, Int128 divisor) {
  const UInt128 by = Magnitude(divisor);
  if (exponent <= 18 && Magnitude(value) <= ~uint64_t{0}) {
    const UInt128 scaled = Magnitude(value) * static_cast<UInt128>(PowerOfTen(exponent));
    const UInt128 rest = scaled % by;
    const auto quotient = static_cast<Int128>(scaled / by + (rest >= by - rest));
    return (value < 0) == (divisor < 0) ? quotient : -quotient;
  }
  UInt256 scaled{0, Magnitude(value)};
  const int first = exponent < kMaxDecimalDigits ? exponent : kMaxDecimalDigits;
  scaled = Product(scaled.low, static_cast<UInt128>(PowerOfTen(first)));
  if (exponent > first) {
    // More digits than a decimal has: only a small dividend can still give one.
    if (scaled.high != 0) return std::nullopt;
    scaled = Product(scaled.low, static_cast<UInt128>(PowerOfTen(exponent - first)));
  }
  const Division division = Divide(scaled, by);
  if (division.quotient.high != 0) return std::nullopt;
  UInt128 quotient = division.quotient.low;
  if (division.remainder >= by - division.remainder) ++quotient;
  if (quotient >> 127) return std::nullopt;
  const auto result = static_cast<Int128>(quotient);
  return (value < 0) == (divisor < 0) ? result : -result;
}

Int128 ScaledRemainder(Int128 value, int exponent, Int128 divisor, int divisor_exponent) {
  const UInt128 dividend = Magnitude(value);
  const UInt128 by = Magnitude(divisor);
  UInt128 rest = 0;
  if (divisor_exponent == 0) {
    rest = Divide(Product(dividend, static_cast<UInt128>(PowerOfTen(exponent))), by).remainder;
  } else {
    const UInt256 wide = Product(by, static_cast<UInt128>(PowerOfTen(divisor_exponent)));
    rest = wide.high != 0 ? dividend : dividend % wide.low;
  }
  return value < 0 ? -static_cast<Int128>(rest) : static_cast<Int128>(rest);
}

Int128 DivideByPowerOfTen(Int128 value, int digits) {
  if (digits == 0) return value;
  if (digits > kMaxDecimalDigits) return 0;
  const Int128 power = PowerOfTen(digits);
  const Int128 quotient = value / power;
  const Int128 rest = value % power;
  const Int128 magnitude = rest < 0 ? -rest : rest;
  if (magnitude < power - magnitude) return quotient;
  return value < 0 ? quotient - 1 : quotient + 1;
}

}  // namespace planaria::kernel
