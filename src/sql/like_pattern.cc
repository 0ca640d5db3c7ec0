#include "sql/like_pattern.h"

#include <algorithm>

#include "base/error.h"
#include "sql/names.h"

namespace planaria::sql {

void CheckEscape(std::string_view escape) {
  const auto characters = std::count_if(
      escape.begin(), escape.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  if (characters != 1) {
    throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT, "Escape string must be a single character");
  }
}

void CheckEscape(std::string_view pattern, std::string_view escape) {
  CheckEscape(escape);
  for (size_t at = pattern.find(escape); at != std::string_view::npos; at = pattern.find(escape)) {
    pattern.remove_prefix(at + escape.size());
    const bool fits = pattern.starts_with('%') || pattern.starts_with('_') || pattern.starts_with(escape);
    if (!fits) {
      throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT,
                           "Escape character must be followed by '%', '_' or the escape character itself");
    }
    pattern.remove_prefix(pattern.starts_with(escape) ? escape.size() : 1);
  }
}

namespace {

/// The same pattern with another escape character: the kernel's are of one byte.
std::string Escaped(std::string_view pattern, std::string_view escape, char by) {
  std::string escaped;
  while (!pattern.empty()) {
    if (pattern.starts_with(escape)) {
      pattern.remove_prefix(escape.size());
      // What is escaped is special, or the old character itself.
      if (pattern.starts_with(escape)) {
        escaped += escape;
        pattern.remove_prefix(escape.size());
        continue;
      }
      escaped += by;
    } else if (pattern.front() == by) {
      escaped += by;
    }
    escaped += pattern.front();
    pattern.remove_prefix(1);
  }
  return escaped;
}

}  // namespace

std::string AndLike(const std::string& column, const std::optional<ast::LikePattern>& like) {
  if (!like) return "";
  const std::string text = " AND " + column + " LIKE ";
  if (!like->escape) return text + QuoteString(like->pattern);
  CheckEscape(like->pattern, *like->escape);
  const bool one_byte = like->escape->size() == 1;
  return text + QuoteString(one_byte ? like->pattern : Escaped(like->pattern, *like->escape, '$')) +
         " ESCAPE " + QuoteString(one_byte ? *like->escape : "$");
}

}  // namespace planaria::sql
