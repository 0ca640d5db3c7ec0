// Names as Trino resolves them, written into a parsed query before the kernel's binder sees it: tables in
// full, so that none of the kernel's own schemas, views and functions is ever found, and Trino's names for
// columns without one.
#pragma once

#include <string>

#include "duckdb.hpp"
#include "kernel/duckdb_errors.h"
#include "planner/query_planner.h"

namespace planaria::planner {

/// Throws TrinoException: MISSING_SCHEMA_NAME or MISSING_CATALOG_NAME for tables whose names the session does
/// not complete, FUNCTION_NOT_FOUND for table functions that are not computations.
void ResolveNames(duckdb::QueryNode& query, const QuerySession& session,
                  const kernel::StatementText& statement);

/// Table functions that compute rows from their arguments and touch nothing outside.
bool IsComputingFunction(const std::string& name);

/// Marks output columns that have no name of their own; NameOutput gives them `_col0`, `_col1`, ... by
/// position.
void MarkUnnamedColumns(duckdb::QueryNode& query);
bool IsUnnamedMark(const std::string& name);
std::vector<std::string> NameOutput(const duckdb::vector<std::string>& bound_names);

}  // namespace planaria::planner
