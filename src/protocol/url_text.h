// The form encoding of values inside X-Trino-* headers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace planaria::protocol {

/// `+` and `%20` are both blanks, as clients send either; nothing when a `%` has no two hex digits.
std::optional<std::string> DecodeFormText(std::string_view text);
/// Blanks become `+`, everything but letters, digits and `.-*_` becomes `%XX`.
std::string EncodeFormText(std::string_view text);
/// Standard or URL alphabet, with or without padding; nothing when malformed.
std::optional<std::string> DecodeBase64(std::string_view text);
/// Standard alphabet, with padding.
std::string EncodeBase64(std::string_view bytes);

}  // namespace planaria::protocol
