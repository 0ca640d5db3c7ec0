// Code points of UTF-8 text. Bytes that are no UTF-8 count as one code point each; nothing fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

inline bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

inline size_t CodePoints(std::string_view text) {
  size_t count = 0;
  for (const char byte : text) count += !IsContinuation(byte);
  return count;
}

/// The byte where code point `index` begins; the end when there are fewer.
inline size_t OffsetOfCodePoint(std::string_view text, size_t index) {
  size_t at = 0;
  while (at < text.size()) {
    if (index-- == 0) return at;
    ++at;
    while (at < text.size() && IsContinuation(text[at])) ++at;
  }
  return at;
}

/// The first code point, and how many bytes it has.
struct CodePoint {
  uint32_t value;
  size_t bytes;
};
/// `text` is not empty.
CodePoint FirstCodePoint(std::string_view text);

std::vector<uint32_t> DecodeUtf8(std::string_view text);
/// `code_point` is a Unicode scalar value.
void AppendUtf8(uint32_t code_point, std::string* out);

/// Character.isWhitespace of Java: what trim() removes.
bool IsJavaWhitespace(uint32_t code_point);

}  // namespace planaria::kernel
