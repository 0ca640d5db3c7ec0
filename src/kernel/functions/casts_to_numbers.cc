// Casts to booleans, integers, real and double.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "kernel/functions/decimal_argument.h"
#include "kernel/functions/families.h"
#include "kernel/functions/java_parse.h"
#include "kernel/functions/scalar.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

[[noreturn, gnu::cold]] void FailCast(std::string message) {
  FailFunction(errors::INVALID_CAST_ARGUMENT, std::move(message));
}

[[noreturn, gnu::cold]] void FailText(std::string_view text, const char* type) {
  FailCast(fmt::format("Cannot cast '{}' to {}", text, type));
}

template <typename T>
struct Integer;
template <>
struct Integer<int8_t> {
  static constexpr const char* kName = "tinyint";
  static constexpr const char* kInText = "TINYINT";
  static constexpr const char* kInDecimal = "TINYINT";
};
template <>
struct Integer<int16_t> {
  static constexpr const char* kName = "smallint";
  static constexpr const char* kInText = "SMALLINT";
  static constexpr const char* kInDecimal = "SMALLINT";
};
template <>
struct Integer<int32_t> {
  static constexpr const char* kName = "integer";
  static constexpr const char* kInText = "INT";
  static constexpr const char* kInDecimal = "INTEGER";
};
template <>
struct Integer<int64_t> {
  static constexpr const char* kName = "bigint";
  static constexpr const char* kInText = "BIGINT";
  static constexpr const char* kInDecimal = "BIGINT";
};

std::string JavaText(double value) {
  std::string text;
  AppendJavaDouble(value, &text);
  return text;
}
std::string JavaText(float value) {
  std::string text;
  AppendJavaFloat(value, &text);
  return text;
}

template <typename T>
T TextToInteger(std::string_view text) {
  const auto value = ParseJavaLong(JavaTrim(text));
  if (!value || *value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max()) {
    FailText(text, Integer<T>::kInText);
  }
  return static_cast<T>(*value);
}

/// Half away from zero.
template <typename T, typename Float>
T FloatToInteger(Float value) {
  constexpr bool kDouble = std::is_same_v<Float, double>;
  constexpr double kLimit = 9223372036854775808.0;
  const double rounded = std::round(static_cast<double>(value));
  if constexpr (std::is_same_v<T, int64_t>) {
    if (rounded >= -kLimit && rounded < kLimit) return static_cast<int64_t>(rounded);
    if (kDouble) FailCast(fmt::format("Unable to cast {} to bigint", JavaText(value)));
    if (std::isnan(rounded)) FailCast("Cannot cast real NaN to bigint");
    return rounded < 0 ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  } else {
    if (std::isnan(rounded)) {
      FailCast(fmt::format("Cannot cast {} NaN to {}", kDouble ? "double" : "real", Integer<T>::kName));
    }
    if (rounded < std::numeric_limits<T>::min() || rounded > std::numeric_limits<T>::max()) {
      FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE,
                   fmt::format("Out of range for {}: {}", Integer<T>::kName, JavaText(value)));
    }
    return static_cast<T>(rounded);
  }
}

template <typename T, typename Wide>
T Narrow(Wide value) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE,
                 fmt::format("Out of range for {}: {}", Integer<T>::kName, int64_t{value}));
  }
  return static_cast<T>(value);
}

template <typename T>
T DecimalToInteger(Int128 unscaled, DecimalShape shape) {
  const Int128 value = DivideByPowerOfTen(unscaled, shape.scale);
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    std::string text;
    AppendDecimal(value, 0, &text);
    FailText(text, Integer<T>::kInDecimal);
  }
  return static_cast<T>(value);
}

double DecimalToDouble(Int128 unscaled, DecimalShape shape) {
  if (shape.precision <= 18) {
    return static_cast<double>(unscaled) / static_cast<double>(PowerOfTen(shape.scale));
  }
  std::string text;
  AppendDecimal(unscaled, shape.scale, &text);
  return *ParseJavaDouble(text);
}

float DecimalToReal(Int128 unscaled, DecimalShape shape) {
  if (shape.precision <= 18) return static_cast<float>(DecimalToDouble(unscaled, shape));
  std::string text;
  AppendDecimal(unscaled, shape.scale, &text);
  return *ParseJavaFloat(text);
}

bool DecimalToBoolean(Int128 unscaled, DecimalShape) { return unscaled != 0; }

template <typename Result, typename Value>
Result Plainly(Value value) {
  return static_cast<Result>(value);
}

template <typename Value>
bool NumberToBoolean(Value value) {
  return value != 0;
}

double TextToDouble(std::string_view text) {
  const auto value = ParseJavaDouble(text);
  if (!value) FailText(text, "DOUBLE");
  return *value;
}

float TextToReal(std::string_view text) {
  const auto value = ParseJavaFloat(text);
  if (!value) FailText(text, "REAL");
  return *value;
}

bool TextToBoolean(std::string_view text) {
  std::string lower;
  for (const char c : text) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  if (lower == "t" || lower == "true" || lower == "1") return true;
  if (lower == "f" || lower == "false" || lower == "0") return false;
  FailText(text, "BOOLEAN");
}

template <typename T>
void AddInteger(FunctionSet& functions) {
  const std::string name = std::string("trino_cast_to_") + Integer<T>::kName;
  functions.Add(Scalar<&TextToInteger<T>>(name));
  functions.Add(Scalar<&FloatToInteger<T, double>>(name));
  functions.Add(Scalar<&FloatToInteger<T, float>>(name));
  if constexpr (sizeof(T) < 8) functions.Add(Scalar<&Narrow<T, int64_t>>(name));
  if constexpr (sizeof(T) < 4) functions.Add(Scalar<&Narrow<T, int32_t>>(name));
  if constexpr (sizeof(T) < 2) functions.Add(Scalar<&Narrow<T, int16_t>>(name));
  functions.Add(Scalar<&Plainly<T, bool>>(name));
  functions.Add(OfDecimal<&DecimalToInteger<T>>(name, scalar_detail::TypeOf<T>()));
  functions.Add(Scalar<&Plainly<double, T>>("trino_cast_to_double"));
  functions.Add(Scalar<&Plainly<float, T>>("trino_cast_to_real"));
  functions.Add(Scalar<&NumberToBoolean<T>>("trino_cast_to_boolean"));
}

}  // namespace

void AddCastsToNumbers(FunctionSet& functions) {
  AddInteger<int8_t>(functions);
  AddInteger<int16_t>(functions);
  AddInteger<int32_t>(functions);
  AddInteger<int64_t>(functions);
  functions.Add(Scalar<&TextToDouble>("trino_cast_to_double"));
  functions.Add(Scalar<&TextToReal>("trino_cast_to_real"));
  functions.Add(Scalar<&TextToBoolean>("trino_cast_to_boolean"));
  functions.Add(Scalar<&Plainly<double, bool>>("trino_cast_to_double"));
  functions.Add(Scalar<&Plainly<double, float>>("trino_cast_to_double"));
  functions.Add(OfDecimal<&DecimalToDouble>("trino_cast_to_double", duckdb::LogicalType::DOUBLE));
  functions.Add(Scalar<&Plainly<float, bool>>("trino_cast_to_real"));
  functions.Add(Scalar<&Plainly<float, double>>("trino_cast_to_real"));
  functions.Add(OfDecimal<&DecimalToReal>("trino_cast_to_real", duckdb::LogicalType::FLOAT));
  functions.Add(Scalar<&NumberToBoolean<float>>("trino_cast_to_boolean"));
  functions.Add(Scalar<&NumberToBoolean<double>>("trino_cast_to_boolean"));
  functions.Add(OfDecimal<&DecimalToBoolean>("trino_cast_to_boolean", duckdb::LogicalType::BOOLEAN));
}

}  // namespace planaria::kernel
