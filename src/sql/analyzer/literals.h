// Literals and the types that casts name.
#pragma once

#include "sql/analyzer/typed.h"
#include "sql/ast/data_type.h"

namespace planaria::sql {

/// Throws NotAnalyzed for types that Type has no kind for, TYPE_NOT_FOUND and the like for what is none.
Type TypeOf(const ast::DataType& type);

/// A literal of any kind. Throws INVALID_LITERAL.
Typed LiteralOf(const ast::Expression& literal);
bool IsLiteral(const ast::Expression& expression);

}  // namespace planaria::sql
