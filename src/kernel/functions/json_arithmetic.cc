#include "kernel/functions/json_arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel/functions/java_parse.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

using namespace duckdb_yyjson;  // NOLINT: a C library in a namespace.
using Kind = sql::json_path::Expression::Kind;

namespace {

struct Number {
  enum class Type { kInteger, kBigint, kDecimal, kDouble };
  Type type = Type::kInteger;
  /// Of all but doubles: digits without the point.
  __int128 unscaled = 0;
  int scale = 0;
  double real = 0;
};

constexpr __int128 kLargest = static_cast<__int128>(1) << 120;

std::optional<Number> NumberOf(const JsonItem& item, std::string* failure) {
  if (!yyjson_is_raw(item.value)) {
    *failure = "invalid item type. Expected: NUMBER, actual: " + JsonKindOf(item.value);
    return std::nullopt;
  }
  const std::string_view text = JsonTextOf(item.value);
  Number number;
  number.real = ParseJavaDouble(text).value_or(0);
  if (text.find_first_of("eE") != std::string_view::npos ||
      (!item.decimal && text.find('.') != std::string_view::npos)) {
    number.type = Number::Type::kDouble;
    return number;
  }
  bool fraction = false;
  for (const char c : text) {
    if (c == '-') continue;
    if (c == '.') {
      fraction = true;
      continue;
    }
    number.unscaled = number.unscaled * 10 + (c - '0');
    number.scale += fraction ? 1 : 0;
    if (number.unscaled > kLargest || number.scale > 18) {
      *failure = fmt::format("value too large: {}", text);
      return std::nullopt;
    }
  }
  if (text.starts_with('-')) number.unscaled = -number.unscaled;
  if (item.decimal) {
    number.type = Number::Type::kDecimal;
    return number;
  }
  const __int128 value = number.unscaled;
  if (value != static_cast<int64_t>(value)) {
    *failure = fmt::format("value too large: {}", text);
    return std::nullopt;
  }
  number.type = value == static_cast<int32_t>(value) ? Number::Type::kInteger : Number::Type::kBigint;
  return number;
}

std::string DigitsOf(__int128 value, int scale) {
  std::string digits;
  __int128 rest = value < 0 ? -value : value;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (scale > 0) {
    const auto places = static_cast<size_t>(scale);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
  }
  return value < 0 ? "-" + digits : digits;
}

std::optional<JsonItem> ItemOf(const Number& number, std::string* failure) {
  switch (number.type) {
    case Number::Type::kDouble: {
      if (!std::isfinite(number.real)) {
        *failure = "the result is no number of JSON";
        return std::nullopt;
      }
      std::string text;
      AppendJavaDouble(number.real, &text);
      return MakeItem(text);
    }
    case Number::Type::kDecimal:
      return MakeItem(DigitsOf(number.unscaled, number.scale), true);
    case Number::Type::kInteger:
    case Number::Type::kBigint:
      break;
  }
  const bool fits = number.type == Number::Type::kInteger
                        ? number.unscaled == static_cast<int32_t>(number.unscaled)
                        : number.unscaled == static_cast<int64_t>(number.unscaled);
  if (!fits) {
    *failure = fmt::format("{} overflow", number.type == Number::Type::kInteger ? "integer" : "bigint");
    return std::nullopt;
  }
  return MakeItem(DigitsOf(number.unscaled, 0));
}

__int128 Scaled(__int128 value, int digits) {
  for (int i = 0; i < digits; ++i) value *= 10;
  return value;
}

/// Half up.
__int128 Rounded(__int128 value, __int128 divisor) {
  const __int128 twice = value % divisor * 2;
  const __int128 away = (value < 0) == (divisor < 0) ? 1 : -1;
  const __int128 size = twice < 0 ? -twice : twice;
  return value / divisor + (size >= (divisor < 0 ? -divisor : divisor) ? away : 0);
}

double ComputeReal(Kind op, double left, double right) {
  switch (op) {
    case Kind::kAdd:
      return left + right;
    case Kind::kSubtract:
      return left - right;
    case Kind::kMultiply:
      return left * right;
    case Kind::kDivide:
      return left / right;
    default:
      return std::fmod(left, right);
  }
}

}  // namespace

std::string JsonKindOf(yyjson_val* value) {
  if (yyjson_is_arr(value)) return "ARRAY";
  if (yyjson_is_obj(value)) return "OBJECT";
  if (yyjson_is_str(value)) return "STRING";
  if (yyjson_is_bool(value)) return "BOOLEAN";
  return yyjson_is_null(value) ? "NULL" : "NUMBER";
}

JsonItem MakeItem(const std::string& json, bool decimal) {
  auto document = std::make_shared<JsonDocument>(json);
  return {document->root(), document, decimal};
}

std::optional<JsonItem> ComputeJson(Kind op, const JsonItem& left_item, const JsonItem& right_item,
                                    std::string* failure) {
  const auto left = NumberOf(left_item, failure);
  if (!left) return std::nullopt;
  const auto right = NumberOf(right_item, failure);
  if (!right) return std::nullopt;
  Number result;
  result.type = std::max(left->type, right->type);
  if (result.type == Number::Type::kDouble) {
    result.real = ComputeReal(op, left->real, right->real);
    return ItemOf(result, failure);
  }
  const bool divides = op == Kind::kDivide || op == Kind::kModulus;
  if (divides && right->unscaled == 0) {
    *failure = "Division by zero";
    return std::nullopt;
  }
  result.scale = op == Kind::kMultiply ? left->scale + right->scale : std::max(left->scale, right->scale);
  const __int128 a = Scaled(left->unscaled, result.scale - left->scale);
  const __int128 b = Scaled(right->unscaled, result.scale - right->scale);
  bool overflow = false;
  switch (op) {
    case Kind::kAdd:
      overflow = __builtin_add_overflow(a, b, &result.unscaled);
      break;
    case Kind::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result.unscaled);
      break;
    case Kind::kMultiply:
      overflow = __builtin_mul_overflow(left->unscaled, right->unscaled, &result.unscaled);
      break;
    case Kind::kDivide: {
      const bool decimal = result.type == Number::Type::kDecimal;
      __int128 dividend = a;
      if (decimal) overflow = __builtin_mul_overflow(a, Scaled(1, result.scale), &dividend);
      if (!overflow) result.unscaled = decimal ? Rounded(dividend, b) : a / b;
      break;
    }
    default:
      result.unscaled = a % b;
  }
  if (overflow) {
    *failure = "decimal overflow";
    return std::nullopt;
  }
  return ItemOf(result, failure);
}

std::optional<JsonItem> ComputeJson(Kind op, const JsonItem& operand, std::string* failure) {
  if (op == Kind::kDouble && yyjson_is_str(operand.value)) {
    const auto value = ParseJavaDouble(JsonTextOf(operand.value));
    if (!value) {
      *failure = fmt::format("invalid argument of double() method: {}", JsonTextOf(operand.value));
      return std::nullopt;
    }
    Number number;
    number.type = Number::Type::kDouble;
    number.real = *value;
    return ItemOf(number, failure);
  }
  auto number = NumberOf(operand, failure);
  if (!number) return std::nullopt;
  const bool real = number->type == Number::Type::kDouble;
  const __int128 unit = Scaled(1, number->scale);
  switch (op) {
    case Kind::kDouble:
      number->type = Number::Type::kDouble;
      break;
    case Kind::kNegate:
      number->real = -number->real;
      number->unscaled = -number->unscaled;
      break;
    case Kind::kAbs:
      number->real = std::fabs(number->real);
      number->unscaled = number->unscaled < 0 ? -number->unscaled : number->unscaled;
      break;
    default: {
      const bool up = op == Kind::kCeiling;
      if (real) {
        number->real = up ? std::ceil(number->real) : std::floor(number->real);
        break;
      }
      const __int128 rest = number->unscaled % unit;
      number->unscaled /= unit;
      if (up && rest > 0) ++number->unscaled;
      if (!up && rest < 0) --number->unscaled;
      number->scale = 0;
    }
  }
  return ItemOf(*number, failure);
}

std::optional<int64_t> JsonIndexOf(const JsonItem& item, std::string* failure) {
  const auto number = NumberOf(item, failure);
  if (!number) return std::nullopt;
  const bool real = number->type == Number::Type::kDouble;
  const __int128 unit = Scaled(1, number->scale);
  if (real ? number->real != std::floor(number->real) || std::fabs(number->real) > 1e15
           : number->unscaled % unit != 0) {
    *failure = fmt::format("array subscript is no integer: {}", JsonTextOf(item.value));
    return std::nullopt;
  }
  return real ? static_cast<int64_t>(number->real) : static_cast<int64_t>(number->unscaled / unit);
}

}  // namespace planaria::kernel
