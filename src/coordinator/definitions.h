// CREATE and DROP of schemas and tables, TRUNCATE and SHOW CREATE: done on the coordinator with its
// connectors.
#pragma once

#include <optional>
#include <string>

#include "coordinator/statement_preparation.h"
#include "kernel/engine.h"
#include "planner/query_planner.h"

namespace planaria::coordinator {

/// Carries the statement out. Gives a query whose rows are the answer (SHOW CREATE), or nothing when there
/// are no rows. Throws TrinoException: CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND, TABLE_ALREADY_EXISTS and the like
/// with the location of the name, or what the connector throws.
std::optional<std::string> RunDefinition(kernel::Engine& engine, const planner::QuerySession& session,
                                         const sql::ast::Statement& definition);

/// The table that a CREATE TABLE AS makes; nothing when it is there already and IF NOT EXISTS says to leave
/// it.
std::optional<planner::TableCreation> CreationOf(kernel::Engine& engine, const planner::QuerySession& session,
                                                 const sql::ast::Statement& statement);

}  // namespace planaria::coordinator
