// 128-bit decimals with 256-bit products: what decimal arithmetic of 38 digits needs.
#pragma once

#include <optional>

#include "duckdb/common/types/hugeint.hpp"

namespace planaria::kernel {

using Int128 = __int128;
using UInt128 = unsigned __int128;

/// 10^38 - 1 is the largest decimal.
inline constexpr int kMaxDecimalDigits = 38;

/// 10^exponent, 0 <= exponent <= 38.
Int128 PowerOfTen(int exponent);

inline Int128 FromHugeint(const duckdb::hugeint_t& value) {
  return (static_cast<Int128>(value.upper) << 64) | value.lower;
}
inline duckdb::hugeint_t ToHugeint(Int128 value) {
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(value >> 64);
  return result;
}

/// |value| < 10^digits.
inline bool FitsDigits(Int128 value, int digits) {
  const Int128 limit = PowerOfTen(digits);
  return value < limit && value > -limit;
}

/// value * factor, factor >= 0; nullopt when it is no int128.
inline std::optional<Int128> MultiplyChecked(Int128 value, Int128 factor) {
  Int128 result;
  if (__builtin_mul_overflow(value, factor, &result)) return std::nullopt;
  return result;
}

/// value * 10^exponent / divisor, exponent from 0 to 76, rounded half away from zero; nullopt when it is no
/// int128. `divisor` is not 0.
std::optional<Int128> MultiplyDivide(Int128 value, int exponent, Int128 divisor);

/// The remainder of value * 10^exponent by divisor * 10^divisor_exponent, with the sign of `value`; one of
/// the exponents is 0, the other at most 38.
Int128 ScaledRemainder(Int128 value, int exponent, Int128 divisor, int divisor_exponent);

/// value / 10^digits, rounded half away from zero; digits from 0 up, beyond 38 gives 0.
Int128 DivideByPowerOfTen(Int128 value, int digits);

}  // namespace planaria::kernel
