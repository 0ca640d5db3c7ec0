// Patterns of LIKE that are written out, and their escape character.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/ast/show_statements.h"

namespace planaria::sql {

/// Throws INVALID_FUNCTION_ARGUMENT, without a place as Trino does, unless `escape` is one character.
void CheckEscape(std::string_view escape);

/// The same, and for a pattern in which the escape character stands before something else than `%`, `_` or
/// itself.
void CheckEscape(std::string_view pattern, std::string_view escape);

/// ` AND column LIKE 'pattern' ESCAPE '$'` for the query of a SHOW, whose WHERE it goes on; empty without a
/// pattern. `column` is SQL. Throws as CheckEscape does.
std::string AndLike(const std::string& column, const std::optional<ast::LikePattern>& like);

}  // namespace planaria::sql
