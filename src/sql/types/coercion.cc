#include "sql/types/coercion.h"

#include <algorithm>

namespace planaria::sql {

namespace {

using Kind = TypeKind;

/// What an integer type is among decimals.
Type AsDecimal(const Type& type) {
  switch (type.kind) {
    case Kind::kTinyint:
      return Type::Decimal(3, 0);
    case Kind::kSmallint:
      return Type::Decimal(5, 0);
    case Kind::kInteger:
      return Type::Decimal(10, 0);
    case Kind::kBigint:
      return Type::Decimal(19, 0);
    default:
      return type;
  }
}

std::optional<Type> CommonNumber(const Type& left, const Type& right) {
  if (!left.Is(Kind::kDecimal) && !right.Is(Kind::kDecimal)) return Type::Of(std::max(left.kind, right.kind));
  if (left.IsFloat()) return left;
  if (right.IsFloat()) return right;
  const Type a = AsDecimal(left);
  const Type b = AsDecimal(right);
  const int32_t scale = std::max(a.scale, b.scale);
  const int32_t integral = std::max(a.precision - a.scale, b.precision - b.scale);
  return Type::Decimal(std::min(38, integral + scale), scale);
}

std::optional<Type> CommonTime(const Type& left, const Type& right) {
  // A date is a timestamp of midnight, a time without zone one of the session's zone.
  const bool dates = left.Is(Kind::kDate) || right.Is(Kind::kDate);
  const Type& other = left.Is(Kind::kDate) ? right : left;
  if (dates) {
    const bool timestamp = other.Is(Kind::kTimestamp) || other.Is(Kind::kTimestampWithTimeZone);
    return timestamp ? std::optional(other) : std::nullopt;
  }
  const auto is_time = [](const Type& type) {
    return type.Is(Kind::kTime) || type.Is(Kind::kTimeWithTimeZone);
  };
  if (is_time(left) != is_time(right)) return std::nullopt;
  Type type = Type::Of(std::max(left.kind, right.kind));
  type.precision = std::max(left.precision, right.precision);
  return type;
}

bool IsTime(const Type& type) {
  return type.kind >= Kind::kDate && type.kind <= Kind::kTimestampWithTimeZone;
}

}  // namespace

std::optional<Type> CommonSuperType(const Type& left, const Type& right) {
  if (left == right || right.Is(Kind::kUnknown)) return left;
  if (left.Is(Kind::kUnknown)) return right;
  if (left.IsNumber() && right.IsNumber()) return CommonNumber(left, right);
  if (left.IsText() && right.IsText()) {
    if (left.kind == right.kind) return left.precision > right.precision ? left : right;
    // Trino 476: a varchar becomes a char, if need be the longest there is.
    return Type::Char(std::min(std::max(left.precision, right.precision), 65536));
  }
  if (IsTime(left) && IsTime(right)) return CommonTime(left, right);
  if (left.IsSketch() || right.IsSketch()) {
    const auto any_hyperloglog = [](const Type& type) {
      return type.Is(Kind::kHyperLogLog) || type.Is(Kind::kP4HyperLogLog);
    };
    return any_hyperloglog(left) && any_hyperloglog(right) ? std::optional(Type::Of(Kind::kHyperLogLog))
                                                           : std::nullopt;
  }
  if (left.kind != right.kind || left.children.empty() || left.children.size() != right.children.size()) {
    return std::nullopt;
  }
  Type type = left;
  for (size_t i = 0; i < type.children.size(); ++i) {
    const auto child = CommonSuperType(left.children[i], right.children[i]);
    if (!child) return std::nullopt;
    type.children[i] = *child;
    if (type.Is(Kind::kRow) && left.field_names[i] != right.field_names[i]) type.field_names[i].clear();
  }
  return type;
}

bool CanCoerce(const Type& from, const Type& to) {
  if (from.Is(Kind::kBigint) && to.Is(Kind::kReal)) return true;
  const auto common = CommonSuperType(from, to);
  return common && *common == to;
}

bool SameStorage(const Type& left, const Type& right) {
  if (left.kind != right.kind || left.children.size() != right.children.size()) return false;
  for (size_t i = 0; i < left.children.size(); ++i) {
    if (!SameStorage(left.children[i], right.children[i])) return false;
  }
  switch (left.kind) {
    case Kind::kDecimal:
      return left.scale == right.scale;
    case Kind::kTime:
      return (left.precision > 6) == (right.precision > 6);
    case Kind::kTimestamp: {
      const auto storage = [](int32_t precision) { return std::min((precision + 2) / 3, 3); };
      return storage(left.precision) == storage(right.precision);
    }
    case Kind::kRow:
      return left.field_names == right.field_names;
    default:
      return true;
  }
}

namespace {

/// Whether a value can be the name of a member of a JSON object.
bool CanBeJsonName(const Type& type) {
  return type.kind <= Kind::kDecimal || type.Is(Kind::kVarchar) || type.Is(Kind::kChar);
}

/// Whether JSON and values of the type can be cast, one way or the other.
bool HasJsonForm(const Type& type) {
  if (type.Is(Kind::kMap) && !CanBeJsonName(type.children[0])) return false;
  return std::all_of(type.children.begin(), type.children.end(), HasJsonForm);
}

}  // namespace

bool IsOrderable(const Type& type) {
  if (type.Is(Kind::kMap) || type.Is(Kind::kJson) || type.Is(Kind::kColor) || type.IsSketch()) return false;
  return std::all_of(type.children.begin(), type.children.end(), IsOrderable);
}

bool CanCast(const Type& from, const Type& to) {
  if (from.Is(Kind::kUnknown) || CommonSuperType(from, to)) return true;
  if (from.Is(Kind::kColor) || to.Is(Kind::kColor)) return false;
  if (from.IsSketch() || to.IsSketch()) {
    const bool both = from.Is(Kind::kHyperLogLog) && to.Is(Kind::kP4HyperLogLog);
    return both || from.Is(Kind::kVarbinary) || (to.Is(Kind::kVarbinary) && !from.Is(Kind::kP4HyperLogLog));
  }
  if (from.children.size() != to.children.size()) {
    return (from.Is(Kind::kJson) && HasJsonForm(to)) || (to.Is(Kind::kJson) && HasJsonForm(from));
  }
  if (!from.children.empty()) {
    if (from.kind != to.kind) return false;
    for (size_t i = 0; i < from.children.size(); ++i) {
      if (!CanCast(from.children[i], to.children[i])) return false;
    }
    return true;
  }
  const auto plain = [](const Type& type) { return type.Is(Kind::kBoolean) || type.IsNumber(); };
  if (plain(from) && plain(to)) return true;
  if (from.IsText()) return !to.Is(Kind::kUnknown) && !to.IsInterval();
  if (to.IsText()) return !from.Is(Kind::kVarbinary);
  if (to.Is(Kind::kJson)) return plain(from) || from.Is(Kind::kDate) || from.Is(Kind::kTimestamp);
  if (from.Is(Kind::kJson)) return plain(to);
  const auto timestamp = [](const Type& type) {
    return type.Is(Kind::kTimestamp) || type.Is(Kind::kTimestampWithTimeZone);
  };
  const auto time = [](const Type& type) { return type.Is(Kind::kTime) || type.Is(Kind::kTimeWithTimeZone); };
  if (timestamp(from)) return to.Is(Kind::kDate) || timestamp(to) || time(to);
  if (time(from)) return time(to) || timestamp(to);
  const auto of_bytes = [](const Type& type) { return type.Is(Kind::kUuid) || type.Is(Kind::kIpAddress); };
  if (of_bytes(from) || of_bytes(to)) {
    return from.Is(Kind::kVarbinary) || to.Is(Kind::kVarbinary);
  }
  return false;
}

}  // namespace planaria::sql
