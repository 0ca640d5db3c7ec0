// From the AST to DuckDB's SQL.
//
// The text says the same in DuckDB's spelling, with every operator in parentheses and every name in quotes.
// What DuckDB would only misunderstand is respelled:
//
//   X'6869'                                    CAST('\x68\x69' AS BLOB)
//   DECIMAL '1.50'                             CAST('1.50' AS DECIMAL(3,2))
//   TIMESTAMP '2024-01-01 00:00:00 UTC'        TIMESTAMPTZ '...'
//   CAST(x AS ROW(a bigint))                   CAST(x AS STRUCT("a" BIGINT))
//   lag(x) IGNORE NULLS OVER (...)             lag(x IGNORE NULLS) OVER (...)
//   a || b (null if one is)                    (a || b), never concat(a, b)
//   FETCH FIRST 3 ROWS WITH TIES               QUALIFY rank() OVER (...) <= 3
//   UNNEST(a, b) WITH ORDINALITY               LATERAL (SELECT UNNEST(a), UNNEST(b), UNNEST(range(...)))
//
// What DuckDB has no words for is NOT_SUPPORTED, with its name and place.
#pragma once

#include <string>

#include "sql/ast/statement.h"
#include "sql/lowering/lowered_query.h"

namespace planaria::sql {

/// A query, INSERT, DELETE, UPDATE or MERGE; of CREATE TABLE AS its query. `parameters` stand for the `?`,
/// one for each. Throws TrinoException: NOT_SUPPORTED for what DuckDB cannot say, INVALID_LITERAL and
/// TYPE_NOT_FOUND for literals and types that are none.
LoweredQuery Lower(const ast::Statement& statement, const ast::ExpressionList& parameters);

/// `INSERT INTO t (a, b) `: what stands before the query.
LoweredQuery LowerInsertTarget(const ast::Insert& insert, ErrorLocation location);

/// A literal, or an expression of literals.
LoweredQuery LowerExpression(const ast::Expression& expression);

/// The name of a type.
std::string LowerType(const ast::DataType& type);

}  // namespace planaria::sql
