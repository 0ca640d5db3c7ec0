#include "sql/error_at.h"

#include <fmt/format.h>

namespace planaria::sql {

void ThrowAt(ErrorCode code, ErrorLocation location, std::string_view message) {
  throw TrinoException(
      Error{code, fmt::format("line {}:{}: {}", location.line, location.column, message), location, {}});
}

}  // namespace planaria::sql
