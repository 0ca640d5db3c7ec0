#include "config/problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace planaria {

namespace {

std::string Render(std::string_view file, int line, std::string_view key, std::string_view text) {
  std::string out(file);
  if (line > 0) out += fmt::format(":{}", line);
  out += ": ";
  if (!key.empty()) out += fmt::format("{}: ", key);
  return out.append(text);
}

}  // namespace

void ConfigProblems::Error(std::string_view file, int line, std::string_view key, std::string_view text) {
  errors_.push_back(Render(file, line, key, text));
  error_details_.push_back({std::string(file), line, std::string(key), std::string(text)});
}

void ConfigProblems::Warning(std::string_view file, int line, std::string_view key, std::string_view text) {
  warnings_.push_back(Render(file, line, key, text));
  warning_details_.push_back({std::string(file), line, std::string(key), std::string(text)});
}

void ConfigProblems::ThrowIfAny() const {
  if (errors_.empty()) return;
  if (errors_.size() == 1) throw TrinoException(errors::CONFIGURATION_INVALID, errors_.front());
  throw TrinoException(
      errors::CONFIGURATION_INVALID,
      fmt::format("{} configuration errors:\n  {}", errors_.size(), fmt::join(errors_, "\n  ")));
}

}  // namespace planaria
