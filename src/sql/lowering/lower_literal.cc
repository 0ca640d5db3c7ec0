#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sql/error_at.h"
#include "sql/interval_text.h"
#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql::lowering {

void DuckDbWriter::Node(const ast::NullLiteral&, ErrorLocation) { Put("NULL"); }
void DuckDbWriter::Node(const ast::BooleanLiteral& literal, ErrorLocation) {
  Put(literal.value ? "true" : "false");
}

void DuckDbWriter::Node(const ast::StringLiteral& literal, ErrorLocation location) {
  if (literal.value.find('\0') != std::string::npos) Unsupported(location, "A string with U+0000");
  Put(QuoteString(literal.value));
}

void DuckDbWriter::Node(const ast::BinaryLiteral& literal, ErrorLocation) {
  Put("CAST('");
  for (size_t i = 0; i + 1 < literal.digits.size(); i += 2) {
    Put("\\x");
    Put(std::string_view(literal.digits).substr(i, 2));
  }
  Put("' AS BLOB)");
}

void DuckDbWriter::Node(const ast::IntegerLiteral& literal, ErrorLocation) {
  const std::string digits = std::to_string(BigintOf(literal.text).value_or(0));
  // The sign of the smallest bigint would be read apart from digits that are too many without it.
  if (digits == "-9223372036854775808") return Put("CAST('-9223372036854775808' AS BIGINT)");
  Put(digits[0] == '-' ? fmt::format("({})", digits) : digits);
}

void DuckDbWriter::Node(const ast::DecimalLiteral& literal, ErrorLocation location) {
  const auto decimal = DecimalOf(literal.text);
  if (!decimal) {
    ThrowAt(errors::INVALID_LITERAL, location,
            fmt::format("'{}' is not a valid DECIMAL literal", literal.text));
  }
  Put(fmt::format("CAST('{}' AS DECIMAL({},{}))", decimal->text, decimal->precision, decimal->scale));
}

void DuckDbWriter::Node(const ast::DoubleLiteral& literal, ErrorLocation) {
  if (std::isinf(literal.value))
    return Put(literal.value < 0 ? "CAST('-inf' AS DOUBLE)" : "CAST('inf' AS DOUBLE)");
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, literal.value, std::chars_format::scientific).ptr;
  Put("(");
  Put({buffer, static_cast<size_t>(end - buffer)});
  Put(")");
}

void DuckDbWriter::Node(const ast::GenericLiteral& literal, ErrorLocation location) {
  const bool quoted = literal.type.size() > 1 && literal.type.front() == '"';
  const std::string name = LowerCase(quoted ? literal.type.substr(1, literal.type.size() - 2) : literal.type);
  std::string type;
  if (name == "timestamp" || name == "time") {
    // A zone is whatever follows the digits of the time, or an offset after the date.
    const size_t time = name == "time" ? 0 : literal.value.find(' ');
    const bool zone = time != std::string::npos &&
                      literal.value.find_first_not_of("0123456789:. ", time) != std::string::npos;
    const size_t point = literal.value.find('.');
    const size_t after =
        point == std::string::npos ? point : literal.value.find_first_not_of("0123456789", point + 1);
    const size_t digits = point == std::string::npos ? 0 : std::min(after, literal.value.size()) - point - 1;
    if (zone || digits > 6) {
      // What the kernel has no type for.
      const std::string text = QuoteString(literal.value);
      if (name == "timestamp") {
        return Put(zone ? fmt::format("trino_zoned_of_literal({})", text)
                        : fmt::format("trino_fine_of_text({}, {})", text, digits));
      }
      return Put(zone ? fmt::format("trino_zoned_time_of_text({}, {}, 'UTC')", text, digits)
                      : fmt::format("trino_fine_time_of_text({}, {})", text, digits));
    }
    type = name == "time" ? "TIME" : "TIMESTAMP";
  } else {
    ast::GenericType written;
    written.name = {name, false, location};
    DuckDbWriter writer(parameters_);
    writer.Type(written, location);
    type = writer.Take().text();
  }
  Put("CAST(");
  Put(QuoteString(literal.value));
  Put(fmt::format(" AS {})", type));
}

void DuckDbWriter::Node(const ast::IntervalLiteral& literal, ErrorLocation location) {
  const auto interval = IntervalOf(literal);
  if (!interval) {
    ThrowAt(errors::INVALID_LITERAL, location,
            fmt::format("'{}' is not a valid INTERVAL literal", literal.value));
  }
  if (interval->months) return Put(fmt::format("CAST('{} months' AS INTERVAL)", *interval->months));
  constexpr int64_t kMillisPerDay = 86'400'000;
  const int64_t days = interval->millis / kMillisPerDay;
  const int64_t rest = interval->millis % kMillisPerDay;
  if (rest == 0) return Put(fmt::format("CAST('{} days' AS INTERVAL)", days));
  Put(fmt::format("CAST('{} days {} milliseconds' AS INTERVAL)", days, rest));
}

}  // namespace planaria::sql::lowering
