// Arithmetic and casts: the result types of Trino 476 and the kernel's text.
#pragma once

#include "sql/analyzer/typed.h"
#include "sql/ast/operators.h"

namespace planaria::sql {

/// The kernel's name of a type.
std::string StorageName(const Type& type);

/// NULL as a value of the type.
std::string NullText(const Type& type);

/// `value` as `type`, to which CanCoerce turns it.
Typed Coerce(Typed value, const Type& type);

/// CAST and TRY_CAST. Throws TYPE_MISMATCH for pairs of types that Trino does not cast.
Typed CastTo(Typed value, const Type& type, bool safe, ErrorLocation location);

/// Throws TYPE_MISMATCH `Cannot apply operator: integer + varchar(1)`.
Typed Arithmetic(ast::ArithmeticOperator op, Typed left, Typed right, ErrorLocation location);
Typed Negate(Typed value, ErrorLocation location);

}  // namespace planaria::sql
