// What quoted text says.
#pragma once

#include <string>
#include <string_view>

namespace planaria::sql::parser {

/// Without the quotes around `quoted`; doubled quotes made single.
std::string Unquoted(std::string_view quoted);

struct DecodedText {
  std::string text;
  /// Why Trino refuses it; empty when it does not.
  std::string refusal;
};

/// The text of U&'..': `\2603` and `\+01F600` are characters when `escape` is a backslash.
DecodedText DecodeUnicode(std::string_view text, std::string_view escape);

/// The digits of X'..' in capitals, blanks left out.
DecodedText DecodeBinary(std::string_view text);

}  // namespace planaria::sql::parser
