#include "sql/analyzer/json_paths.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error_at.h"
#include "sql/json_path/json_path.h"
#include "sql/names.h"

namespace planaria::sql {

void CheckJsonPath(const std::string& path, ErrorLocation location, const std::vector<std::string>& passed) {
  json_path::Path parsed;
  try {
    parsed = json_path::Parse(path);
  } catch (const json_path::InvalidPath& failure) {
    if (failure.not_supported) ThrowAt(errors::NOT_SUPPORTED, location, failure.message);
    // Counted from behind the quote.
    location.column += static_cast<decltype(location.column)>(failure.offset + 1);
    ThrowAt(errors::SYNTAX_ERROR, location, failure.message);
  }
  for (const std::string& name : parsed.variables) {
    if (std::find(passed.begin(), passed.end(), name) != passed.end()) continue;
    const bool other_case = std::any_of(passed.begin(), passed.end(), [&](const std::string& other) {
      return LowerCase(other) == LowerCase(name);
    });
    ThrowAt(
        errors::INVALID_PATH, location,
        fmt::format(
            "no value passed for parameter {}{}", name,
            other_case ? fmt::format(". Try quoting \"{}\" in the PASSING clause to match case", name) : ""));
  }
}

std::string JsonString(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<int>(c));
      continue;
    }
    if (c == '"' || c == '\\') json.push_back('\\');
    json.push_back(c);
  }
  return json + "\"";
}

}  // namespace planaria::sql
