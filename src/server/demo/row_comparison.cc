#include "server/demo/row_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace planaria::server {

namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-9;

bool SameValue(const json& expected, const json& actual) {
  if (!expected.is_number_float() || !actual.is_number()) return expected == actual;
  const double left = expected, right = actual;
  return std::abs(left - right) <= kTolerance * std::max(std::abs(left), std::abs(right));
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
