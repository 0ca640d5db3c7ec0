// Java's .properties format, written: what ParseProperties reads back as it was.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planaria {

/// `key=value` and a line end. References such as ${ENV:NAME} stay references.
std::string RenderProperty(std::string_view key, std::string_view value);

/// `text` with these properties set: lines of other properties, comments and blank lines stay as they are, a
/// line whose property has another value is replaced, what is missing is added at the end. Throws
/// TrinoException(CONFIGURATION_INVALID) with `path` when the text cannot be read.
std::string MergeProperties(const std::string& path, std::string_view text,
                            const std::vector<std::pair<std::string, std::string>>& properties,
                            const std::vector<std::pair<std::string, std::string>>& defaults);

}  // namespace planaria
