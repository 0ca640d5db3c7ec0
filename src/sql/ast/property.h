// `name = value` of WITH (...) and SET PROPERTIES.
#pragma once

#include <vector>

#include "sql/ast/forward.h"
#include "sql/ast/identifier.h"

namespace planaria::sql::ast {

struct Property {
  Identifier name;
  /// Null for DEFAULT.
  ExpressionPtr value;
};

}  // namespace planaria::sql::ast
