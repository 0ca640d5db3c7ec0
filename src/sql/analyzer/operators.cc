#include "sql/analyzer/operators.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/time_casts.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;
using Op = ast::ArithmeticOperator;

std::string_view Symbol(Op op) {
  static constexpr std::string_view kSymbols[] = {" + ", " - ", " * ", " / ", " % "};
  return kSymbols[static_cast<size_t>(op)];
}

[[noreturn]] void NoOperator(Op op, const Type& left, const Type& right, ErrorLocation location) {
  ThrowAt(errors::TYPE_MISMATCH, location,
          fmt::format("Cannot apply operator: {}{}{}", left.ToString(), Symbol(op), right.ToString()));
}

Typed Native(const Type& type, const Typed& left, std::string_view op, const Typed& right,
             ErrorLocation location) {
  return Compose(type, location, {"(", &left, op, &right, ")"});
}

/// What the kernel makes of a timestamp is one of microseconds.
Typed AsStored(Typed value) {
  if (!value.type.Is(Kind::kDate) && !value.type.Is(Kind::kTimestamp)) return value;
  return Compose(value.type, value.location,
                 {"CAST(", &value, fmt::format(" AS {})", StorageName(value.type))});
}

Typed IntegerArithmetic(Op op, const Typed& left, const Typed& right, ErrorLocation location) {
  if (op == Op::kDivide) return Compose(left.type, location, {"trino_divide(", &left, ", ", &right, ")"});
  if (op == Op::kModulus) return Compose(left.type, location, {"trino_modulus(", &left, ", ", &right, ")"});
  return Native(left.type, left, Symbol(op), right, location);
}

Typed FloatArithmetic(Op op, const Typed& left, const Typed& right, ErrorLocation location) {
  if (op == Op::kModulus) return Compose(left.type, location, {"trino_modulus(", &left, ", ", &right, ")"});
  return Native(left.type, left, Symbol(op), right, location);
}

/// Trino 476's result types.
Type DecimalResult(Op op, const Type& left, const Type& right) {
  const int32_t p1 = left.precision, s1 = left.scale, p2 = right.precision, s2 = right.scale;
  switch (op) {
    case Op::kAdd:
    case Op::kSubtract: {
      const int32_t scale = std::max(s1, s2);
      return Type::Decimal(std::min(38, scale + std::max(p1 - s1, p2 - s2) + 1), scale);
    }
    case Op::kMultiply:
      return Type::Decimal(std::min(38, p1 + p2), s1 + s2);
    case Op::kDivide:
      return Type::Decimal(std::min(38, p1 + s2 + std::max(s2 - s1, 0)), std::max(s1, s2));
    case Op::kModulus:
      break;
  }
  const int32_t scale = std::max(s1, s2);
  return Type::Decimal(std::min(p1 - s1, p2 - s2) + scale, scale);
}

Typed DecimalArithmetic(Op op, Typed left, Typed right, ErrorLocation location) {
  const auto decimal = [](Typed value) {
    const Type type = *CommonSuperType(value.type, Type::Decimal(1, 0));
    return value.type.IsInteger() ? Coerce(std::move(value), type) : value;
  };
  left = decimal(std::move(left));
  right = decimal(std::move(right));
  const Type type = DecimalResult(op, left.type, right.type);
  if (type.scale > 38) {
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
            fmt::format("DECIMAL scale must be in range [0, precision (38)]: {}", type.scale));
  }
  // The kernel's own operators compute within 18 digits where both sides have no more, and fail beyond: that
  // is what makes them fast. With constants nothing is to be gained.
  const bool native = op != Op::kDivide && op != Op::kModulus && !(left.constant && right.constant);
  if (native) return Native(type, left, Symbol(op), right, location);
  static constexpr std::string_view kNames[] = {"trino_add(", "trino_subtract(", "trino_multiply(",
                                                "trino_divide(", "trino_modulus("};
  return Compose(type, location, {kNames[static_cast<size_t>(op)], &left, ", ", &right, ")"});
}

bool IsMoment(const Type& type) {
  return type.Is(Kind::kDate) || type.Is(Kind::kTimestamp) || type.Is(Kind::kTimestampWithTimeZone);
}

/// A moment moved by an interval: one of days and seconds has milliseconds.
Type MovedBy(Type moment, const Type& interval) {
  if (!moment.Is(Kind::kDate) && interval.Is(Kind::kIntervalDayToSecond))
    moment.precision = std::max(moment.precision, 3);
  return moment;
}

/// What a moment is moved by: a date by whole days alone.
Typed Movement(const Type& moment, const Typed& interval, bool adds) {
  if (!moment.Is(Kind::kDate) || !interval.type.Is(Kind::kIntervalDayToSecond)) return interval;
  return Compose(interval.type, interval.location,
                 {"trino_whole_days(", &interval, adds ? ", true)" : ", false)"});
}

Typed Scaled(std::string_view call, const Typed& interval, const Typed& factor, ErrorLocation location) {
  const Typed number = Coerce(factor, Type::Of(Kind::kDouble));
  return Compose(interval.type, location, {call, &interval, ", ", &number, ")"});
}

/// Arithmetic with dates and intervals; nothing for other operands.
std::optional<Typed> TimeArithmetic(Op op, const Typed& left, const Typed& right, ErrorLocation location) {
  const bool sum = op == Op::kAdd || op == Op::kSubtract;
  if (sum) {
    if (auto moved = MomentArithmetic(op == Op::kAdd, left, right, location)) return moved;
  }
  if (op == Op::kAdd && left.type.IsInterval()) {
    if (auto moved = MomentArithmetic(true, right, left, location)) return moved;
  }
  if (sum && IsMoment(left.type) && right.type.IsInterval()) {
    const Typed interval = Movement(left.type, right, op == Op::kAdd);
    return AsStored(Native(MovedBy(left.type, right.type), left, Symbol(op), interval, location));
  }
  if (op == Op::kAdd && left.type.IsInterval() && IsMoment(right.type)) {
    const Typed interval = Movement(right.type, left, true);
    return AsStored(Native(MovedBy(right.type, left.type), right, " + ", interval, location));
  }
  if (sum && left.type.IsInterval() && left.type == right.type) {
    return Native(left.type, left, Symbol(op), right, location);
  }
  const Type interval = Type::Of(Kind::kIntervalDayToSecond);
  // Round the clock.
  if (sum && left.type.Is(Kind::kTime) && right.type == interval) {
    return Native(MovedBy(left.type, interval), left, Symbol(op), right, location);
  }
  if (op == Op::kAdd && left.type == interval && right.type.Is(Kind::kTime)) {
    return Native(MovedBy(right.type, interval), right, " + ", left, location);
  }
  if (op == Op::kSubtract && left.type.Is(Kind::kDate) && right.type.Is(Kind::kDate)) {
    return Compose(interval, location, {"to_days(CAST(", &left, " - ", &right, " AS INTEGER))"});
  }
  if (op == Op::kMultiply && left.type.IsInterval() && right.type.IsInteger()) {
    return Native(left.type, left, " * ", right, location);
  }
  if (op == Op::kMultiply && left.type.IsInteger() && right.type.IsInterval()) {
    return Native(right.type, right, " * ", left, location);
  }
  const bool scaled = op == Op::kMultiply || op == Op::kDivide;
  if (scaled && left.type.IsInterval() && right.type.IsNumber()) {
    return Scaled(op == Op::kDivide ? "trino_interval_divide(" : "trino_interval_multiply(", left, right,
                  location);
  }
  if (op == Op::kMultiply && left.type.IsNumber() && right.type.IsInterval()) {
    return Scaled("trino_interval_multiply(", right, left, location);
  }
  const auto time = [](const Type& type) {
    return type.IsInterval() || (type.kind >= Kind::kDate && type.kind <= Kind::kTimestamp);
  };
  if (time(left.type) && (time(right.type) || right.type.IsFloat() || right.type.Is(Kind::kUnknown))) {
    throw NotAnalyzed{location, "arithmetic with times"};
  }
  return std::nullopt;
}

}  // namespace

Typed Arithmetic(Op op, Typed left, Typed right, ErrorLocation location) {
  if (auto time = TimeArithmetic(op, left, right, location)) return std::move(*time);
  if (left.type.Is(Kind::kUnknown) && right.type.Is(Kind::kUnknown)) {
    throw NotAnalyzed{location, "arithmetic of NULL with NULL"};
  }
  if (left.type.Is(Kind::kUnknown)) left = Coerce(std::move(left), right.type);
  if (right.type.Is(Kind::kUnknown)) right = Coerce(std::move(right), left.type);
  if (!left.type.IsNumber() || !right.type.IsNumber()) NoOperator(op, left.type, right.type, location);
  const Type common = *CommonSuperType(left.type, right.type);
  if (common.Is(Kind::kDecimal)) return DecimalArithmetic(op, std::move(left), std::move(right), location);
  left = Coerce(std::move(left), common);
  right = Coerce(std::move(right), common);
  return common.IsInteger() ? IntegerArithmetic(op, left, right, location)
                            : FloatArithmetic(op, left, right, location);
}

Typed Negate(Typed value, ErrorLocation location) {
  if (!value.type.IsNumber() && !value.type.IsInterval()) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot apply operator: -{}", value.type.ToString()));
  }
  return Compose(value.type, location, {"(-", &value, ")"});
}

}  // namespace planaria::sql
