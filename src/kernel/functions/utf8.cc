#include "kernel/functions/utf8.h"

namespace planaria::kernel {

CodePoint FirstCodePoint(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0x80   ? 1
                       : lead < 0xC0 ? 0
                       : lead < 0xE0 ? 2
                       : lead < 0xF0 ? 3
                       : lead < 0xF8 ? 4
                                     : 0;
  if (bytes == 0 || bytes > text.size()) return {lead, 1};
  uint32_t value = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if (!IsContinuation(text[i])) return {lead, 1};
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  return {value, bytes};
}

std::vector<uint32_t> DecodeUtf8(std::string_view text) {
  std::vector<uint32_t> points;
  points.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = FirstCodePoint(text);
    points.push_back(point.value);
    text.remove_prefix(point.bytes);
  }
  return points;
}

void AppendUtf8(uint32_t point, std::string* out) {
  if (point < 0x80) {
    out->push_back(static_cast<char>(point));
    return;
  }
  if (point < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (point >> 6)));
  } else {
    if (point < 0x10000) {
      out->push_back(static_cast<char>(0xE0 | (point >> 12)));
    } else {
      out->push_back(static_cast<char>(0xF0 | (point >> 18)));
      out->push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
    }
    out->push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
  }
  out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
}

bool IsJavaWhitespace(uint32_t point) {
  return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A && point != 0x2007) || point == 0x2028 || point == 0x2029 ||
         point == 0x205F || point == 0x3000;
}

}  // namespace planaria::kernel
