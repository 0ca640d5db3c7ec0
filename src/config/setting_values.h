// The value types that configuration and session properties share, and their Trino spellings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace planaria {

/// An amount of memory, absolute or as a share of what the process may use.
class MemorySize {
 public:
  static MemorySize Of(DataSize size) { return MemorySize(size, 0); }
  static MemorySize Share(double fraction) { return MemorySize({}, fraction); }

  DataSize Resolve(DataSize total) const {
    if (fraction_ == 0) return size_;
    return {static_cast<uint64_t>(static_cast<double>(total.bytes) * fraction_)};
  }
  /// `4GB` or `30%`.
  std::string ToString() const;
  bool operator==(const MemorySize&) const = default;

 private:
  MemorySize(DataSize size, double fraction) : size_(size), fraction_(fraction) {}

  DataSize size_;
  double fraction_;
};

/// Reading property text. Each gives nothing when the text is not of that kind.
std::optional<bool> ReadFlag(std::string_view text);
std::optional<int64_t> ReadInteger(std::string_view text);
/// Finite decimal numbers.
std::optional<double> ReadNumber(std::string_view text);
std::optional<DataSize> ReadSize(std::string_view text);
std::optional<MemorySize> ReadMemory(std::string_view text);
std::optional<Duration> ReadTime(std::string_view text);

/// Whether `text` means this spelling: case does not matter, `-` and `_` are the same.
bool SameChoice(std::string_view spelling, std::string_view text);

/// Durations as a person would write them in a file: `10s`, `500ms`, `90s`.
std::string ShowTime(Duration duration);
/// `2.0`, `1.26`: a number always shows that it is not an integer.
std::string ShowNumber(double number);

}  // namespace planaria
