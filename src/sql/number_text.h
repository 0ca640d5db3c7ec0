// Numbers as they are written in SQL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace planaria::sql {

/// `1_000` without `_`.
std::string WithoutUnderscores(std::string_view digits);

/// `1`, `0x1F`, `-0b1_0`; nothing for what is no bigint.
std::optional<int64_t> BigintOf(std::string_view text);

/// A decimal literal taken apart.
struct DecimalText {
  /// Without `_`, sign included: `-1.50`.
  std::string text;
  int precision = 0;
  int scale = 0;
};
/// Zeros in front do not count: `0.5` has one digit. Nothing for what is no decimal of at most 38 digits.
std::optional<DecimalText> DecimalOf(std::string_view text);

}  // namespace planaria::sql
