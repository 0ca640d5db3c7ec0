#include "kernel/java_number.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace planaria::kernel {

namespace {

template <typename Float>
void AppendJava(Float value, std::string* out) {
  if (std::isnan(value)) {
    out->append("NaN");
    return;
  }
  if (std::signbit(value)) out->push_back('-');
  if (std::isinf(value)) {
    out->append("Infinity");
    return;
  }
  value = std::fabs(value);
  char buffer[40];
  if (value == 0 || (value >= Float(1e-3) && value < Float(1e7))) {
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed).ptr;
    const std::string_view text(buffer, end - buffer);
    out->append(text);
    if (text.find('.') == std::string_view::npos) out->append(".0");
    return;
  }
  // d[.ddd]e[+-]XX becomes d.dddEX.
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, end - buffer);
  if (text[1] == 'e') {
    // Of one digit, Java writes the nearest with two: 4.9E-324, not 5.0E-324.
    const auto precise =
        std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific, 1).ptr;
    text = std::string_view(buffer, precise - buffer);
  }
  const size_t exponent = text.find('e');
  const std::string_view digits = text.substr(0, exponent);
  out->append(digits);
  if (digits.size() == 1) out->append(".0");
  out->push_back('E');
  if (text[exponent + 1] == '-') out->push_back('-');
  std::string_view power = text.substr(exponent + 2);
  while (power.size() > 1 && power.front() == '0') power.remove_prefix(1);
  out->append(power);
}

}  // namespace

void AppendJavaDouble(double value, std::string* out) { AppendJava(value, out); }
void AppendJavaFloat(float value, std::string* out) { AppendJava(value, out); }

void AppendDecimal(__int128 value, int scale, std::string* out) {
  char buffer[48];
  char* begin = buffer + sizeof(buffer);
  int digits = 0;
  auto rest = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  while (rest > 0 || digits <= scale) {
    if (digits == scale && scale > 0) *--begin = '.';
    // 64-bit division is several times faster and is enough for almost every value.
    if (rest <= UINT64_MAX) {
      const auto small = static_cast<uint64_t>(rest);
      *--begin = static_cast<char>('0' + small % 10);
      rest = small / 10;
    } else {
      *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
      rest /= 10;
    }
    ++digits;
  }
  if (value < 0) *--begin = '-';
  out->append(begin, buffer + sizeof(buffer) - begin);
}

}  // namespace planaria::kernel
