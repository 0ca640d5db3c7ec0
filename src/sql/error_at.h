// Errors at a place of the statement.
#pragma once

#include <string_view>

#include "base/error.h"

namespace planaria::sql {

/// Throws `line L:C: message` with the location set.
[[noreturn]] void ThrowAt(ErrorCode code, ErrorLocation location, std::string_view message);

}  // namespace planaria::sql
