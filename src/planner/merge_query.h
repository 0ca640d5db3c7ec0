// MERGE as a query: source LEFT JOIN target, each row with the operation that its first matching case asks
// for.
#pragma once

#include <string>
#include <vector>

#include "connector/connector.h"
#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "kernel/duckdb_errors.h"
#include "planner/query_planner.h"

namespace planaria::planner {

/// SELECT operation, row id, columns of the target; rows that no case takes are left out. Takes the statement
/// apart. `target` is the name by which expressions call the target table, whose reference is complete.
/// Throws Trino's analysis errors: COLUMN_NOT_FOUND, DUPLICATE_COLUMN_NAME, TYPE_MISMATCH (for which it binds
/// the expressions), SYNTAX_ERROR for what only DuckDB's MERGE has.
duckdb::unique_ptr<duckdb::QueryNode> MergeQuery(duckdb::ClientContext& context,
                                                 duckdb::MergeIntoStatement& merge, const std::string& target,
                                                 const std::vector<connector::Column>& columns,
                                                 const QuerySession& session,
                                                 const kernel::StatementText& text);

}  // namespace planaria::planner
