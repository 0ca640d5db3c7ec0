// Numbers read as Java reads them, which is what Trino's casts from text do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/functions/wide_integer.h"

namespace planaria::kernel {

/// Without the characters up to space at both ends: String.trim().
std::string_view JavaTrim(std::string_view text);

/// Long.parseLong: a sign and digits; nullopt for anything else and beyond 64 bits.
std::optional<int64_t> ParseJavaLong(std::string_view text);

/// Double.parseDouble and Float.parseFloat: decimal or hexadecimal, `NaN`, `Infinity`, a type suffix, blanks
/// around. Too large is infinite.
std::optional<double> ParseJavaDouble(std::string_view text);
std::optional<float> ParseJavaFloat(std::string_view text);

enum class DecimalParse { kOk, kNotANumber, kTooLarge };

/// new BigDecimal(text), rounded half up to `scale` digits: `value` is unscaled and below 10^precision.
DecimalParse ParseDecimal(std::string_view text, int precision, int scale, Int128* value);

}  // namespace planaria::kernel
