// Types as they are written: nothing is known yet of what they mean.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/forward.h"
#include "sql/ast/identifier.h"

namespace planaria::sql::ast {

/// The number of `varchar(10)` as written, or the type of `array(bigint)`.
using TypeParameter = std::variant<std::string, DataTypePtr>;

/// `bigint`, `decimal(10, 2)`, `map(varchar, bigint)`; `x array` is `array(x)`, `double precision` is
/// `double`.
struct GenericType {
  Identifier name;
  std::vector<TypeParameter> parameters;
};

struct RowField {
  std::optional<Identifier> name;
  DataTypePtr type;
};
struct RowType {
  std::vector<RowField> fields;
};

/// TIME and TIMESTAMP.
struct DateTimeType {
  enum class Kind : uint8_t { kTime, kTimestamp };
  Kind kind = Kind::kTimestamp;
  std::optional<TypeParameter> precision;
  bool with_time_zone = false;
};

enum class IntervalField : uint8_t { kYear, kMonth, kDay, kHour, kMinute, kSecond };

struct IntervalType {
  IntervalField from = IntervalField::kDay;
  IntervalField to = IntervalField::kDay;
};

struct DataType {
  ErrorLocation location;
  std::variant<GenericType, RowType, DateTimeType, IntervalType> node;
};

}  // namespace planaria::sql::ast
