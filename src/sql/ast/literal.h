// Values written out.
#pragma once

#include <optional>
#include <string>

#include "sql/ast/data_type.h"

namespace planaria::sql::ast {

struct NullLiteral {};
struct BooleanLiteral {
  bool value = false;
};
struct StringLiteral {
  /// Without quotes and escapes.
  std::string value;
};
/// X'6869'
struct BinaryLiteral {
  /// Hexadecimal digits in capitals, two for each byte.
  std::string digits;
};
/// `1`, `0x1F`, `-1_000`: as written, without blanks after the sign.
struct IntegerLiteral {
  std::string text;
};
/// `1.5` and DECIMAL '1.5', as written.
struct DecimalLiteral {
  std::string text;
};
/// `1.5e0`
struct DoubleLiteral {
  double value = 0;
};
/// DATE '2024-01-01': a type's name and a text.
struct GenericLiteral {
  /// As written, with its quotes where it has some.
  std::string type;
  std::string value;
};
struct IntervalLiteral {
  std::string value;
  bool negative = false;
  IntervalField from = IntervalField::kDay;
  std::optional<IntervalField> to;
};
/// `?`
struct Parameter {
  /// From 0, in the order of the text.
  size_t index = 0;
};

}  // namespace planaria::sql::ast
