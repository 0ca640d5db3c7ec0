// Intervals as they are written in SQL.
#pragma once

#include <cstdint>
#include <optional>

#include "sql/ast/literal.h"

namespace planaria::sql {

/// Months of an interval year to month, milliseconds of an interval day to second.
struct IntervalValue {
  std::optional<int64_t> months;
  int64_t millis = 0;
};
/// Nothing when the text does not have the fields or is too large.
std::optional<IntervalValue> IntervalOf(const ast::IntervalLiteral& literal);

}  // namespace planaria::sql
