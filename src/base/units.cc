#include "base/units.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace planaria {

namespace {

constexpr std::pair<std::string_view, double> kSizeUnits[] = {
    {"B", 1.0},           {"kB", 1024.0},          {"MB", 1048576.0},
    {"GB", 1073741824.0}, {"TB", 1099511627776.0}, {"PB", 1125899906842624.0}};

constexpr std::pair<std::string_view, double> kDurationUnits[] = {
    {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};

/// Number and unit of `text`, scaled; negative when it is neither.
template <size_t N>
double ParseScaled(std::string_view text, const std::pair<std::string_view, double> (&units)[N]) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || number < 0) return -1;
  std::string_view unit(end, text.data() + text.size() - end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, scale] : units) {
    if (unit == name) return number * scale;
  }
  return -1;
}

}  // namespace

DataSize DataSize::Parse(std::string_view text) {
  const double bytes = ParseScaled(text, kSizeUnits);
  if (!(bytes >= 0 && bytes < 9.2e18)) {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         fmt::format("size is not a valid data size string: {}", text));
  }
  return {static_cast<uint64_t>(std::llround(bytes))};
}

std::string DataSize::ToString() const {
  for (size_t i = std::size(kSizeUnits); i-- > 1;) {
    const auto unit = static_cast<uint64_t>(kSizeUnits[i].second);
    if (bytes >= unit && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, kSizeUnits[i].first);
  }
  return fmt::format("{}B", bytes);
}

Duration ParseDuration(std::string_view text) {
  const double nanos = ParseScaled(text, kDurationUnits);
  if (!(nanos >= 0 && nanos < 9.2e18)) {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         fmt::format("duration is not a valid data duration string: {}", text));
  }
  return Duration(std::llround(nanos));
}

std::string FormatDuration(Duration duration) {
  const auto nanos = static_cast<double>(duration.count());
  for (size_t i = std::size(kDurationUnits); i-- > 1;) {
    if (nanos >= kDurationUnits[i].second) {
      return fmt::format("{:.2f}{}", nanos / kDurationUnits[i].second, kDurationUnits[i].first);
    }
  }
  return fmt::format("{:.2f}ns", nanos);
}

}  // namespace planaria
