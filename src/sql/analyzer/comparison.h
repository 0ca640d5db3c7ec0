// What operands of predicates have to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/analyzer/typed.h"
#include "sql/ast/operators.h"

namespace planaria::sql {

/// NULL becomes a boolean. Throws TYPE_MISMATCH `what must evaluate to a boolean (actual: integer)`.
void RequireBoolean(Typed& value, std::string_view what);

/// The digits of an integer literal, which is all that a comparison with a decimal needs of it.
std::optional<Type> DecimalOfLiteral(const ast::Expression& expression);

/// Turns both sides into one type. A literal beside a decimal takes its type where it fits, so that columns
/// are compared as they are stored. Throws TYPE_MISMATCH with the operator's symbol.
void ToCommonType(Typed& left, const ast::Expression& left_node, Typed& right,
                  const ast::Expression& right_node, std::string_view symbol, ErrorLocation location);

/// Whether a value may be NaN. The kernel takes it for the largest number, equal to itself; in Trino every
/// comparison with it is false, but `<>`. What is a long text is taken for none.
bool MayBeNan(const Typed& value, const ast::Expression& node);

/// The largest number of the type that is none, in the kernel's SQL.
std::string Infinity(const Type& type);

/// Two doubles or reals, compared as Trino compares them; operands are written twice where that needs it. A
/// NaN beside a NULL may give false instead of NULL. `symbol` is the operator's.
Typed CompareFloats(const Typed& left, const ast::Expression& left_node, const Typed& right,
                    const ast::Expression& right_node, ast::ComparisonOperator op, std::string_view symbol,
                    ErrorLocation location);

}  // namespace planaria::sql
