// A column's type as clients see it: the text they show and the signature they decode values by.
//
// Only a description: parsing type text and coercion rules belong to the analyser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::protocol {

/// `decimal(10, 2)` is {raw "decimal", numbers {10, 2}}; `array(date)` is {raw "array", types {date}};
/// `row(x bigint, date)` is {raw "row", types {bigint, date}, field_names {"x", nothing}}.
struct TrinoType {
  std::string raw;
  std::vector<int64_t> numbers;
  std::vector<TrinoType> types;
  /// Rows only, one per type; nothing for an anonymous field.
  std::vector<std::optional<std::string>> field_names;

  bool operator==(const TrinoType&) const = default;

  /// The length that stands for "no limit" in a varchar's signature, which always has one.
  static constexpr int64_t kUnboundedLength = 2147483647;

  static TrinoType Of(std::string_view raw) { return {std::string(raw), {}, {}, {}}; }
  static TrinoType Varchar(int64_t length = kUnboundedLength) { return {"varchar", {length}, {}, {}}; }
  static TrinoType Char(int64_t length) { return {"char", {length}, {}, {}}; }
  static TrinoType Decimal(int64_t precision, int64_t scale) {
    return {"decimal", {precision, scale}, {}, {}};
  }
  static TrinoType Time(int64_t precision) { return {"time", {precision}, {}, {}}; }
  static TrinoType TimeWithTimeZone(int64_t precision) {
    return {"time with time zone", {precision}, {}, {}};
  }
  static TrinoType Timestamp(int64_t precision) { return {"timestamp", {precision}, {}, {}}; }
  static TrinoType TimestampWithTimeZone(int64_t precision) {
    return {"timestamp with time zone", {precision}, {}, {}};
  }
  static TrinoType Array(TrinoType element);
  static TrinoType Map(TrinoType key, TrinoType value);
  static TrinoType Row(std::vector<std::pair<std::optional<std::string>, TrinoType>> fields);

  /// `timestamp(3) with time zone`, `map(varchar, integer)`, `row(x integer, varchar)`.
  std::string DisplayText() const;
  /// `{"rawType":..., "arguments":[{"kind":..., "value":...}]}`.
  std::string SignatureJson() const;
  /// The type for a client without the PARAMETRIC_DATETIME capability: every time and timestamp inside loses
  /// its precision from text and signature. Their values are then sent with 3 digits.
  TrinoType WithoutDatetimePrecision() const;
};

}  // namespace planaria::protocol
