// What operands of predicates have to be.
#pragma once

#include <optional>
#include <string_view>

#include "sql/analyzer/typed.h"

namespace planaria::sql {

/// NULL becomes a boolean. Throws TYPE_MISMATCH `what must evaluate to a boolean (actual: integer)`.
void RequireBoolean(Typed& value, std::string_view what);

/// The digits of an integer literal, which is all that a comparison with a decimal needs of it.
std::optional<Type> DecimalOfLiteral(const ast::Expression& expression);

/// Turns both sides into one type. A literal beside a decimal takes its type where it fits, so that columns
/// are compared as they are stored. Throws TYPE_MISMATCH with the operator's symbol.
void ToCommonType(Typed& left, const ast::Expression& left_node, Typed& right,
                  const ast::Expression& right_node, std::string_view symbol, ErrorLocation location);

}  // namespace planaria::sql
