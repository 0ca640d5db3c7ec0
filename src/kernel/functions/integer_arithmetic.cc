// Arithmetic of integers: checked, in the type of the operands, truncating.
#include <fmt/format.h>

#include <limits>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

template <typename T>
constexpr std::string_view kTypeName = sizeof(T) == 1   ? "tinyint"
                                       : sizeof(T) == 2 ? "smallint"
                                       : sizeof(T) == 4 ? "integer"
                                                        : "bigint";

[[noreturn]] void FailOutOfRange(std::string message) {
  FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, std::move(message));
}

template <typename T>
[[noreturn, gnu::cold]] void FailOverflow(std::string_view what, char sign, T left, T right) {
  FailOutOfRange(
      fmt::format("{} {} overflow: {} {} {}", kTypeName<T>, what, int64_t{left}, sign, int64_t{right}));
}

template <typename T>
T Add(T left, T right) {
  T result;
  if (__builtin_add_overflow(left, right, &result)) FailOverflow("addition", '+', left, right);
  return result;
}

template <typename T>
T Subtract(T left, T right) {
  T result;
  if (__builtin_sub_overflow(left, right, &result)) FailOverflow("subtraction", '-', left, right);
  return result;
}

template <typename T>
T Multiply(T left, T right) {
  T result;
  if (__builtin_mul_overflow(left, right, &result)) FailOverflow("multiplication", '*', left, right);
  return result;
}

template <typename T>
T Divide(T left, T right) {
  if (right == 0) FailFunction(errors::DIVISION_BY_ZERO, "Division by zero");
  if (right == -1 && left == std::numeric_limits<T>::min()) FailOverflow("division", '/', left, right);
  return static_cast<T>(left / right);
}

template <typename T>
T Modulus(T left, T right) {
  if (right == 0) FailFunction(errors::DIVISION_BY_ZERO, "Division by zero");
  return right == -1 ? T{0} : static_cast<T>(left % right);
}

template <typename T>
T Negate(T value) {
  if (value == std::numeric_limits<T>::min()) {
    FailOutOfRange(fmt::format("{} negation overflow: {}", kTypeName<T>, int64_t{value}));
  }
  return static_cast<T>(-value);
}

template <typename T>
T Abs(T value) {
  if (value == std::numeric_limits<T>::min()) {
    FailOutOfRange(fmt::format("Value {} is out of range for abs({})", int64_t{value}, kTypeName<T>));
  }
  return static_cast<T>(value < 0 ? -value : value);
}

template <typename T>
void AddType(FunctionSet& functions) {
  functions.Add(Scalar<&Add<T>>("trino_add"));
  functions.Add(Scalar<&Subtract<T>>("trino_subtract"));
  functions.Add(Scalar<&Multiply<T>>("trino_multiply"));
  functions.Add(Scalar<&Divide<T>>("trino_divide"));
  functions.Add(Scalar<&Modulus<T>>("trino_modulus"));
  functions.Add(Scalar<&Modulus<T>>("trino_mod"));
  functions.Add(Scalar<&Negate<T>>("trino_negate"));
  functions.Add(Scalar<&Abs<T>>("trino_abs"));
}

}  // namespace

void AddIntegerArithmetic(FunctionSet& functions) {
  AddType<int8_t>(functions);
  AddType<int16_t>(functions);
  AddType<int32_t>(functions);
  AddType<int64_t>(functions);
}

}  // namespace planaria::kernel
