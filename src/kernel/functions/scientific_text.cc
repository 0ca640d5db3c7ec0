#include "kernel/functions/scientific_text.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace planaria::kernel {

namespace {

template <typename Float>
void Append(Float value, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
    return;
  }
  if (std::signbit(value)) out->push_back('-');
  if (std::isinf(value)) {
    *out += "Infinity";
    return;
  }
  if (value == 0) {
    *out += "0E0";
    return;
  }
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), std::fabs(value), std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  *out += text.substr(0, e);
  if (e == 1) *out += ".0";
  out->push_back('E');
  if (text[e + 1] == '-') out->push_back('-');
  std::string_view exponent = text.substr(e + 2);
  while (exponent.size() > 1 && exponent.front() == '0') exponent.remove_prefix(1);
  *out += exponent;
}

}  // namespace

void AppendScientific(double value, std::string* out) { Append(value, out); }
void AppendScientific(float value, std::string* out) { Append(value, out); }

}  // namespace planaria::kernel
