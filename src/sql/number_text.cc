#include "sql/number_text.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace planaria::sql {

std::string WithoutUnderscores(std::string_view digits) {
  std::string out(digits);
  out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
  return out;
}

std::optional<int64_t> BigintOf(std::string_view text) {
  std::string digits = WithoutUnderscores(text);
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative) digits.erase(0, 1);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0' && (digits[1] < '0' || digits[1] > '9')) {
    base = digits[1] == 'x' || digits[1] == 'X' ? 16 : digits[1] == 'o' || digits[1] == 'O' ? 8 : 2;
    digits.erase(0, 2);
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const auto limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (value > limit + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

std::optional<DecimalText> DecimalOf(std::string_view text) {
  DecimalText decimal{WithoutUnderscores(text), 0, 0};
  bool fraction = false;
  bool any = false;
  for (size_t i = 0; i < decimal.text.size(); ++i) {
    const char c = decimal.text[i];
    if (i == 0 && (c == '-' || c == '+')) continue;
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (fraction) ++decimal.scale;
    if (fraction || c != '0' || decimal.precision > 0) ++decimal.precision;
  }
  decimal.precision = std::max(decimal.precision, 1);
  if (!any || decimal.precision > 38) return std::nullopt;
  return decimal;
}

}  // namespace planaria::sql
