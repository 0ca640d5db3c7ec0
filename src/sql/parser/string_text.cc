#include "sql/parser/string_text.h"

#include <fmt/format.h>

#include <cstdint>

namespace planaria::sql::parser {

namespace {

/// -1 for what is no hexadecimal digit.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(std::string& out, uint32_t point) {
  const auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | ((point >> shift) & 0x3F))); };
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (point >> 6)));
    tail(0);
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (point >> 12)));
    tail(6), tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (point >> 18)));
    tail(12), tail(6), tail(0);
  }
}

size_t CharacterEnd(std::string_view text, size_t pos) {
  size_t end = pos + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end;
}

bool MayEscape(std::string_view escape) {
  return escape.size() == 1 && escape[0] > ' ' && escape[0] < 0x7F && HexDigit(escape[0]) < 0 &&
         escape[0] != '+' && escape[0] != '"' && escape[0] != '\'';
}

}  // namespace

std::string Unquoted(std::string_view quoted) {
  const char quote = quoted.front();
  std::string out;
  out.reserve(quoted.size());
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    out.push_back(quoted[i]);
    if (quoted[i] == quote) ++i;
  }
  return out;
}

DecodedText DecodeUnicode(std::string_view text, std::string_view escape) {
  if (escape.empty()) return {{}, "Empty Unicode escape character"};
  if (!MayEscape(escape)) return {{}, fmt::format("Invalid Unicode escape character: {}", escape)};
  DecodedText decoded;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != escape[0]) {
      decoded.text.push_back(text[i++]);
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == escape[0]) {
      decoded.text.push_back(escape[0]);
      i += 2;
      continue;
    }
    const bool six = i + 1 < text.size() && text[i + 1] == '+';
    const size_t begin = i + (six ? 2 : 1);
    const size_t wanted = six ? 6 : 4;
    uint32_t point = 0;
    for (size_t at = begin; at < begin + wanted; ++at) {
      if (at >= text.size()) return {{}, fmt::format("Incomplete escape sequence: {}", text.substr(begin))};
      if (text[at] == escape[0]) {
        return {{}, fmt::format("Incomplete escape sequence: {}", text.substr(begin, at - begin))};
      }
      const int digit = HexDigit(text[at]);
      if (digit < 0) {
        return {{},
                fmt::format("Invalid hexadecimal digit: {}", text.substr(at, CharacterEnd(text, at) - at))};
      }
      point = point * 16 + static_cast<uint32_t>(digit);
    }
    const std::string_view written = text.substr(begin, wanted);
    if (point > 0x10FFFF) return {{}, fmt::format("Invalid escaped character: {}", written)};
    if (point >= 0xD800 && point <= 0xDFFF) {
      return {{},
              fmt::format(
                  "Invalid escaped character: {}. Escaped character is a surrogate. Use '\\+123456' instead.",
                  written)};
    }
    AppendUtf8(decoded.text, point);
    i = begin + wanted;
  }
  return decoded;
}

DecodedText DecodeBinary(std::string_view text) {
  DecodedText decoded;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    if (HexDigit(c) < 0) return {{}, "Binary literal can only contain hexadecimal digits"};
    decoded.text.push_back(c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  if (decoded.text.size() % 2 != 0) return {{}, "Binary literal must contain an even number of digits"};
  return decoded;
}

}  // namespace planaria::sql::parser
