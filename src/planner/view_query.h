// The queries of views, read where a statement names the view.
#pragma once

#include <string>

#include "duckdb/parser/statement/select_statement.hpp"
#include "planner/query_planner.h"

namespace planaria::planner {

/// Remembers whose statement is planned in `context`: views tell the functions of the session by it.
void RememberSession(duckdb::ClientContext& context, const QuerySession& session);

/// A view's query, lowered, with its names completed by `catalog` and `schema`. Throws TrinoException as
/// PlanQuery does for names.
duckdb::unique_ptr<duckdb::SelectStatement> ParseViewQuery(duckdb::ClientContext& context,
                                                           const std::string& sql, const std::string& catalog,
                                                           const std::string& schema);

}  // namespace planaria::planner
