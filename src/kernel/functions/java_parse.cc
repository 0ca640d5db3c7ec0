#include "kernel/functions/java_parse.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace planaria::kernel {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

double StandardParse(const char* text, char** end, double) { return std::strtod(text, end); }
float StandardParse(const char* text, char** end, float) { return std::strtof(text, end); }

/// Digits with an optional point and exponent: what std::from_chars reads, and none of its names of infinity.
template <typename Float>
std::optional<Float> ParseFloat(std::string_view text) {
  text = JavaTrim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  Float value = 0;
  if (text == "NaN") {
    value = std::nan("");
  } else if (text == "Infinity") {
    value = INFINITY;
  } else {
    const bool hexadecimal = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (!text.empty() && std::string_view("fFdD").find(text.back()) != std::string_view::npos &&
        (!hexadecimal || text.find_first_of("pP") != std::string_view::npos)) {
      text.remove_suffix(1);
    }
    if (text.empty() || !(IsDigit(text[0]) || (text[0] == '.' && text.size() > 1 && IsDigit(text[1])))) {
      return std::nullopt;
    }
    if (hexadecimal && text.find_first_of("pP") == std::string_view::npos) return std::nullopt;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) {
      // Beyond the range, or hexadecimal: the C library knows.
      const std::string copy(text);
      char* stop = nullptr;
      value = StandardParse(copy.c_str(), &stop, value);
      if (stop != copy.c_str() + copy.size()) return std::nullopt;
    }
  }
  return negative ? -value : value;
}

}  // namespace

std::string_view JavaTrim(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<int64_t> ParseJavaLong(std::string_view text) {
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-') return std::nullopt;
  }
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || text.empty() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseJavaDouble(std::string_view text) { return ParseFloat<double>(text); }
std::optional<float> ParseJavaFloat(std::string_view text) { return ParseFloat<float>(text); }

DecimalParse ParseDecimal(std::string_view text, int precision, int scale, Int128* value) {
  size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) ++at;
  std::string digits;
  bool any = false;
  bool fraction = false;
  int64_t fraction_digits = 0;
  for (; at < text.size() && (IsDigit(text[at]) || (text[at] == '.' && !fraction)); ++at) {
    if (text[at] == '.') {
      fraction = true;
      continue;
    }
    any = true;
    if (fraction) ++fraction_digits;
    if (!digits.empty() || text[at] != '0') digits.push_back(text[at]);
  }
  if (!any) return DecimalParse::kNotANumber;
  int64_t exponent = 0;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return DecimalParse::kNotANumber;
    const auto parsed = ParseJavaLong(text.substr(at + 1));
    if (!parsed || *parsed > INT32_MAX || *parsed < -INT32_MAX) return DecimalParse::kNotANumber;
    exponent = *parsed;
  }
  *value = 0;
  if (digits.empty()) return DecimalParse::kOk;
  // How many digits stand before the last one that is kept.
  const int64_t kept = static_cast<int64_t>(digits.size()) - fraction_digits + exponent + scale;
  if (kept > precision) return DecimalParse::kTooLarge;
  if (kept < 0) return DecimalParse::kOk;
  for (int64_t i = 0; i < kept; ++i) {
    *value = *value * 10 + (i < static_cast<int64_t>(digits.size()) ? digits[i] - '0' : 0);
  }
  if (kept < static_cast<int64_t>(digits.size()) && digits[kept] >= '5') ++*value;
  if (!FitsDigits(*value, precision)) return DecimalParse::kTooLarge;
  if (negative) *value = -*value;
  return DecimalParse::kOk;
}

}  // namespace planaria::kernel
