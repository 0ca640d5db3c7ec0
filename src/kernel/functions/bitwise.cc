// Shifts within the width of the type, and counting of bits.
#include <fmt/format.h>

#include <bit>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

template <typename T>
bool Beyond(int64_t shift) {
  return shift < 0 || shift >= static_cast<int64_t>(sizeof(T) * 8);
}

template <typename T>
T LeftShift(T value, int64_t shift) {
  return Beyond<T>(shift) ? T{0} : static_cast<T>(static_cast<std::make_unsigned_t<T>>(value) << shift);
}

template <typename T>
T RightShift(T value, int64_t shift) {
  return Beyond<T>(shift) ? T{0} : static_cast<T>(static_cast<std::make_unsigned_t<T>>(value) >> shift);
}

template <typename T>
T RightShiftArithmetic(T value, int64_t shift) {
  if (Beyond<T>(shift)) return static_cast<T>(value < 0 ? -1 : 0);
  return static_cast<T>(value >> shift);
}

int64_t BitCount(int64_t number, int64_t bits) {
  if (bits < 2 || bits > 64) {
    FailFunction(errors::INVALID_FUNCTION_ARGUMENT,
                 fmt::format("Bits specified in bit_count must be between 2 and 64, got {}", bits));
  }
  if (bits == 64) return std::popcount(static_cast<uint64_t>(number));
  const int64_t low = -(int64_t{1} << (bits - 1));
  if (number < low || number > -(low + 1)) {
    FailFunction(
        errors::INVALID_FUNCTION_ARGUMENT,
        fmt::format("Number must be representable with the bits specified. {} cannot be represented with "
                    "{} bits",
                    number, bits));
  }
  return std::popcount(static_cast<uint64_t>(number) & ((uint64_t{1} << bits) - 1));
}

template <typename T>
void AddShifts(FunctionSet& functions) {
  functions.Add(Scalar<&LeftShift<T>>("trino_bitwise_left_shift"));
  functions.Add(Scalar<&RightShift<T>>("trino_bitwise_right_shift"));
  functions.Add(Scalar<&RightShiftArithmetic<T>>("trino_bitwise_right_shift_arithmetic"));
}

int64_t BitwiseAnd(int64_t left, int64_t right) { return left & right; }
int64_t BitwiseOr(int64_t left, int64_t right) { return left | right; }
int64_t BitwiseXor(int64_t left, int64_t right) { return left ^ right; }
int64_t BitwiseNot(int64_t value) { return ~value; }

}  // namespace

void AddBitwise(FunctionSet& functions) {
  AddShifts<int8_t>(functions);
  AddShifts<int16_t>(functions);
  AddShifts<int32_t>(functions);
  AddShifts<int64_t>(functions);
  functions.Add(Scalar<&BitCount>("trino_bit_count"));
  functions.Add(Scalar<&BitwiseAnd>("trino_bitwise_and"));
  functions.Add(Scalar<&BitwiseOr>("trino_bitwise_or"));
  functions.Add(Scalar<&BitwiseXor>("trino_bitwise_xor"));
  functions.Add(Scalar<&BitwiseNot>("trino_bitwise_not"));
}

}  // namespace planaria::kernel
