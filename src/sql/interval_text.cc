#include "sql/interval_text.h"

#include <array>
#include <limits>
#include <string_view>

namespace planaria::sql {

namespace {

using Field = ast::IntervalField;

constexpr std::array<int64_t, 6> kUnits = {12, 1, 86'400'000, 3'600'000, 60'000, 1'000};
/// What stands before the field when another precedes it.
constexpr std::array<char, 6> kSeparators = {0, '-', 0, ' ', ':', ':'};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Accept(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Adds the next digits times `unit`; false when there are none or they are too many.
  bool Digits(int64_t unit, int64_t& sum) {
    int64_t value = 0;
    bool any = false;
    while (!text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, text_[0] - '0', &value)) {
        return false;
      }
      any = true;
      text_.remove_prefix(1);
    }
    return any && !__builtin_mul_overflow(value, unit, &value) && !__builtin_add_overflow(sum, value, &sum);
  }
  /// `.789` of seconds: digits behind the third do not count.
  bool Fraction(int64_t& millis) {
    if (!Accept('.')) return true;
    bool any = false;
    for (int64_t unit = 100; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; unit /= 10) {
      millis += (text_[0] - '0') * unit;
      any = true;
      text_.remove_prefix(1);
    }
    return any;
  }
  bool AtEnd() const { return text_.empty(); }

 private:
  std::string_view text_;
};

}  // namespace

std::optional<IntervalValue> IntervalOf(const ast::IntervalLiteral& literal) {
  Reader reader(literal.value);
  const bool negative = reader.Accept('-');
  if (!negative) reader.Accept('+');
  const auto from = static_cast<size_t>(literal.from);
  const auto to = literal.to ? static_cast<size_t>(*literal.to) : from;
  const bool year_to_month = literal.from <= Field::kMonth;
  if (to < from || year_to_month != (static_cast<Field>(to) <= Field::kMonth)) return std::nullopt;
  int64_t value = 0;
  for (size_t field = from; field <= to; ++field) {
    // Fields at the end may be missing.
    if (field > from && (reader.AtEnd() || !reader.Accept(kSeparators[field]))) break;
    if (!reader.Digits(kUnits[field], value)) return std::nullopt;
    if (static_cast<Field>(field) == Field::kSecond && !reader.Fraction(value)) return std::nullopt;
  }
  if (!reader.AtEnd()) return std::nullopt;
  if (negative != literal.negative) value = -value;
  if (!year_to_month) return IntervalValue{std::nullopt, value};
  if (value > std::numeric_limits<int32_t>::max() || value < std::numeric_limits<int32_t>::min()) {
    return std::nullopt;
  }
  return IntervalValue{value, 0};
}

}  // namespace planaria::sql
