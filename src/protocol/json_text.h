// JSON string literals from bytes of unknown origin.
#pragma once

#include <string>
#include <string_view>

namespace planaria::protocol {

/// Appends `text` as a quoted JSON string. Quotes, backslashes and control characters are escaped; each byte
/// that does not belong to well-formed UTF-8 becomes U+FFFD, so the result is always valid JSON.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace planaria::protocol
