#include "sql/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace planaria::sql {

namespace {

std::string Quote(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) quoted.append(c == quote ? 2 : 1, c);
  return quoted += quote;
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string NameOf(const ast::Identifier& name) { return LowerCase(name.value); }

std::string CanonicalName(const ast::Identifier& name) {
  std::string text = name.value;
  if (name.delimited) return text;
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::vector<std::string> PartsOf(const ast::QualifiedName& name) {
  std::vector<std::string> parts;
  for (const ast::Identifier& part : name.parts) parts.push_back(NameOf(part));
  return parts;
}

std::string DottedName(const ast::QualifiedName& name) {
  return fmt::format("{}", fmt::join(PartsOf(name), "."));
}

std::string QuoteString(std::string_view text) { return Quote(text, '\''); }
std::string QuoteName(std::string_view name) { return Quote(name, '"'); }

}  // namespace planaria::sql
