// The paths of the SQL/JSON functions, as the analyser looks at them.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace planaria::sql {

/// Throws SYNTAX_ERROR for what is no path and INVALID_PATH for a variable that is none of `passed`.
/// `location`: of the literal.
void CheckJsonPath(const std::string& path, ErrorLocation location, const std::vector<std::string>& passed);

/// A text as JSON writes it.
std::string JsonString(const std::string& text);

}  // namespace planaria::sql
