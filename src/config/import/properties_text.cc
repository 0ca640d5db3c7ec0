#include "config/import/properties_text.h"

#include <fmt/format.h>

#include <map>

#include "config/problems.h"
#include "config/properties.h"

namespace planaria {
namespace {

/// Also where the value of a property is to be compared with what stands in a file.
const EnvLookup& KeepReferences() {
  static const EnvLookup keep = [](const std::string& name) { return "${ENV:" + name + '}'; };
  return keep;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

bool Continues(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

}  // namespace

std::string RenderProperty(std::string_view key, std::string_view value) {
  std::string line(key);
  line += '=';
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    // Blanks count only between other characters; escaped, only at the beginning.
    const bool edge = i == 0 || value.find_first_not_of(" \t\f", i) == std::string_view::npos;
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\r') {
      line += "\\r";
    } else if (c == '\\') {
      line += "\\\\";
    } else if (edge && (c == ' ' || c == '\t' || c == '\f')) {
      line += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      line += c;
    }
  }
  return line + '\n';
}

std::string MergeProperties(const std::string& path, std::string_view text,
                            const std::vector<std::pair<std::string, std::string>>& properties,
                            const std::vector<std::pair<std::string, std::string>>& defaults) {
  ConfigProblems problems;
  const PropertiesFile file = ParseProperties(path, text, KeepReferences(), problems);
  problems.ThrowIfAny();
  std::map<std::string, const Property*> there;
  for (const Property& property : file.properties) there.emplace(property.key, &property);
  std::map<int, std::string> replaced;
  std::string added;
  for (const auto& [key, value] : properties) {
    const auto found = there.find(key);
    if (found == there.end()) {
      added += RenderProperty(key, value);
    } else if (found->second->value != value) {
      replaced.emplace(found->second->line, RenderProperty(key, value));
    }
  }
  for (const auto& [key, value] : defaults) {
    if (!there.contains(key)) added += RenderProperty(key, value);
  }
  const std::vector<std::string> lines = LinesOf(text);
  std::string merged;
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto change = replaced.find(static_cast<int>(i) + 1);
    if (change == replaced.end()) {
      merged += lines[i] + '\n';
      continue;
    }
    while (Continues(lines[i]) && i + 1 < lines.size()) ++i;
    merged += change->second;
  }
  return merged + added;
}

}  // namespace planaria
