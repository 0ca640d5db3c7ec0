// Trino's types as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::sql {

enum class TypeKind : uint8_t {
  /// Of NULL.
  kUnknown,
  kBoolean,
  kTinyint,
  kSmallint,
  kInteger,
  kBigint,
  kReal,
  kDouble,
  kDecimal,
  kVarchar,
  kChar,
  kVarbinary,
  kDate,
  kTime,
  kTimeWithTimeZone,
  kTimestamp,
  kTimestampWithTimeZone,
  kIntervalYearToMonth,
  kIntervalDayToSecond,
  kArray,
  kMap,
  kRow,
  kJson,
  kUuid,
  kIpAddress,
  // Of a terminal: its text in the kernel.
  kColor,
  // Sketches: binary in the kernel.
  kHyperLogLog,
  kP4HyperLogLog,
  kSetDigest,
  kTdigest,
  kQdigest,
};

struct Type {
  /// The length of a varchar that has none.
  static constexpr int32_t kUnbounded = 2147483647;

  TypeKind kind = TypeKind::kUnknown;
  /// Digits of a decimal, length of varchar and char, fractional digits of times and timestamps.
  int32_t precision = 0;
  /// Of a decimal.
  int32_t scale = 0;
  /// Of array, map (key and value), row and qdigest.
  std::vector<Type> children;
  /// Of a row, one for each child, empty where it has none.
  std::vector<std::string> field_names;

  static Type Of(TypeKind kind) { return {kind, 0, 0, {}, {}}; }
  static Type Decimal(int32_t precision, int32_t scale) {
    return {TypeKind::kDecimal, precision, scale, {}, {}};
  }
  static Type Varchar(int32_t length = kUnbounded) { return {TypeKind::kVarchar, length, 0, {}, {}}; }
  static Type Char(int32_t length) { return {TypeKind::kChar, length, 0, {}, {}}; }
  static Type Timestamp(int32_t precision) { return {TypeKind::kTimestamp, precision, 0, {}, {}}; }
  static Type Array(Type element) { return {TypeKind::kArray, 0, 0, {std::move(element)}, {}}; }

  bool Is(TypeKind other) const { return kind == other; }
  bool IsInteger() const { return kind >= TypeKind::kTinyint && kind <= TypeKind::kBigint; }
  bool IsFloat() const { return kind == TypeKind::kReal || kind == TypeKind::kDouble; }
  bool IsNumber() const { return kind >= TypeKind::kTinyint && kind <= TypeKind::kDecimal; }
  bool IsText() const { return kind == TypeKind::kVarchar || kind == TypeKind::kChar; }
  bool IsSketch() const { return kind >= TypeKind::kHyperLogLog && kind <= TypeKind::kQdigest; }
  bool IsInterval() const {
    return kind == TypeKind::kIntervalYearToMonth || kind == TypeKind::kIntervalDayToSecond;
  }

  /// Whether Trino has `=` for its values, and `<`.
  bool IsComparable() const;
  bool IsOrderable() const;

  bool operator==(const Type&) const = default;

  /// As Trino's messages and typeof() show it: `decimal(10,2)`, `varchar(3)`, `row("a" bigint)`.
  std::string ToString() const;
};

/// `[integer, varchar(1)]` without the brackets.
std::string TypeList(const std::vector<Type>& types);

}  // namespace planaria::sql
