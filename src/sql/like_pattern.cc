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

std::string AndLike(const std::string& column, const std::optional<ast::LikePattern>& like) {
  if (!like) return "";
  std::string text = " AND " + column + " LIKE " + QuoteString(like->pattern);
  if (like->escape) {
    CheckEscape(like->pattern, *like->escape);
    text += " ESCAPE " + QuoteString(*like->escape);
  }
  return text;
}

}  // namespace planaria::sql
