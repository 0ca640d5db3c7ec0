// Statements that create and drop schemas and tables.
#pragma once

#include <optional>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace planaria::sql {

/// CREATE and DROP of SCHEMA and TABLE, TRUNCATE TABLE. Nothing, with the cursor where it was, when another
/// statement begins here. Throws SYNTAX_ERROR; NOT_SUPPORTED for clauses that are known and not supported.
std::optional<Statement> ParseDefinition(TokenCursor& cursor);

}  // namespace planaria::sql
