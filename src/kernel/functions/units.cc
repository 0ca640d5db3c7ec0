// Amounts with their units as text: `2.3MB`, `1.5h`.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

constexpr size_t kMaxDigits = 38;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The product as digits.
std::string Times1024(const std::string& digits) {
  std::string product;
  unsigned carry = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    carry += static_cast<unsigned>(*digit - '0') * 1024;
    product.push_back(static_cast<char>('0' + carry % 10));
    carry /= 10;
  }
  for (; carry > 0; carry /= 10) product.push_back(static_cast<char>('0' + carry % 10));
  std::reverse(product.begin(), product.end());
  return product;
}

/// Bytes, cut to whole ones, as digits.
void DataSize(std::string_view text, std::string& out) {
  const auto invalid = [&] { FailArgument(fmt::format("Invalid data size: '{}'", text)); };
  static constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
  size_t end = 0, decimals = 0, points = 0;
  std::string digits;
  for (; end < text.size() && (IsDigit(text[end]) || text[end] == '.'); ++end) {
    if (text[end] == '.') {
      ++points;
    } else {
      digits.push_back(text[end]);
      decimals += points;
    }
  }
  if (digits.empty() || points > 1) invalid();
  size_t power = 0;
  while (power < std::size(kUnits) && kUnits[power] != text.substr(end)) ++power;
  if (power == std::size(kUnits)) invalid();
  for (size_t i = 0; i < power; ++i) digits = Times1024(digits);
  std::string_view whole =
      std::string_view(digits).substr(0, digits.size() - std::min(decimals, digits.size()));
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  if (whole.size() > kMaxDigits) {
    FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE,
                 fmt::format("Value out of range: '{}' ('{}B')", text, whole));
  }
  out = whole.empty() ? "0" : whole;
}

/// Milliseconds, rounded half up.
int64_t Duration(std::string_view text) {
  if (text.empty()) FailArgument("duration is empty");
  const auto invalid = [&] {
    FailArgument(fmt::format("duration is not a valid data duration string: {}", text));
  };
  const std::string_view blanks = " \t\n\v\f\r";
  std::string_view rest = text.substr(std::min(text.find_first_not_of(blanks), text.size()));
  rest = rest.substr(0, rest.find_last_not_of(blanks) + 1);
  size_t end = 0;
  while (end < rest.size() && IsDigit(rest[end])) ++end;
  const bool fraction = end > 0 && end + 1 < rest.size() && rest[end] == '.' && IsDigit(rest[end + 1]);
  if (fraction) {
    ++end;
    while (end < rest.size() && IsDigit(rest[end])) ++end;
  }
  const std::string number(rest.substr(0, end));
  std::string_view unit = rest.substr(end);
  unit = unit.substr(std::min(unit.find_first_not_of(blanks), unit.size()));
  if (number.empty() || unit.empty()) invalid();
  for (const char c : unit) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) invalid();
  }
  struct Unit {
    std::string_view name;
    double millis;
  };
  static constexpr Unit kUnits[] = {{"ns", 1e-6},    {"us", 1e-3},       {"ms", 1},          {"s", 1000},
                                    {"m", 60'000.0}, {"h", 3'600'000.0}, {"d", 86'400'000.0}};
  for (const Unit& one : kUnits) {
    if (one.name != unit) continue;
    const double millis = std::floor(std::strtod(number.c_str(), nullptr) * one.millis + 0.5);
    if (millis >= 0x1p63) FailArgument(fmt::format("value is too large: {}", text));
    return static_cast<int64_t>(millis);
  }
  FailArgument(fmt::format("Unknown time unit: {}", unit));
}

}  // namespace

void AddUnits(FunctionSet& functions) {
  functions.Add(Scalar<&DataSize>("trino_parse_data_size"));
  functions.Add(Scalar<&Duration>("trino_parse_duration"));
}

}  // namespace planaria::kernel
