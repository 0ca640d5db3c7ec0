#include "server/demo/row_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace planaria::server {

namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-9;

/// Half of the last digit of a decimal's text.
double HalfAStep(const std::string& decimal) {
  const size_t point = decimal.find('.');
  const size_t digits = point == std::string::npos ? 0 : decimal.size() - point - 1;
  return 0.5 * std::pow(10.0, -static_cast<double>(digits));
}

bool SameValue(const json& expected, const json& actual) {
  // Integers of more than 64 bits are texts in the protocol.
  if (expected.is_string() && actual.is_number_integer()) return expected == actual.dump();
  if (!expected.is_number_float() || !(actual.is_number() || actual.is_string())) return expected == actual;
  const double left = expected;
  if (actual.is_number()) {
    const double right = actual;
    return std::abs(left - right) <= kTolerance * std::max(std::abs(left), std::abs(right));
  }
  const std::string& text = actual.get_ref<const std::string&>();
  char* end = nullptr;
  const double right = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0) return false;
  return std::abs(left - right) <= HalfAStep(text) + kTolerance * std::abs(left);
}

bool SameRow(const json& expected, const json& actual) {
  return expected.size() == actual.size() &&
         std::equal(expected.begin(), expected.end(), actual.begin(), SameValue);
}

}  // namespace

std::optional<std::string> FirstDifference(json expected, json actual, bool ordered) {
  if (!ordered) {
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
  }
  const size_t common = std::min(expected.size(), actual.size());
  for (size_t row = 0; row < common; ++row) {
    if (!SameRow(expected[row], actual[row])) {
      return fmt::format("row {} is {}, expected {}", row + 1, actual[row].dump(), expected[row].dump());
    }
  }
  if (expected.size() == actual.size()) return std::nullopt;
  return fmt::format("{} rows, expected {}", actual.size(), expected.size());
}

bool OrdersItsRows(const std::string& sql) {
  int depth = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')') --depth;
    if (depth == 0 && sql.compare(i, 8, "ORDER BY") == 0) return true;
  }
  return false;
}

}  // namespace planaria::server
