// Sizes and durations in Trino's property syntax: `512MB`, `1.5GB`, `10s`, `2m`, `500ms`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace planaria {

/// Bytes; `kB`, `MB`, ... are powers of 1024, as in Trino.
struct DataSize {
  uint64_t bytes = 0;
  auto operator<=>(const DataSize&) const = default;
  /// The largest unit that keeps the value exact: `64MB`, `1000B`.
  std::string ToString() const;
  /// Throws TrinoException(CONFIGURATION_INVALID): `size is not a valid data size string: <text>`.
  static DataSize Parse(std::string_view text);
};

/// Milliseconds as in `2.50m`; units ns, us, ms, s, m, h, d.
using Duration = std::chrono::nanoseconds;

/// Throws TrinoException(CONFIGURATION_INVALID): `duration is not a valid data duration string: <text>`.
Duration ParseDuration(std::string_view text);
/// Trino's text: two decimals and the largest fitting unit, `1.50s`.
std::string FormatDuration(Duration duration);

}  // namespace planaria
