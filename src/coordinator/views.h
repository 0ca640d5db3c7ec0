// Queries that have a name: analysed when they are made, and again whenever they are named.
#pragma once

#include <string>

#include "connector/connector_registry.h"
#include "kernel/engine.h"
#include "planner/query_planner.h"
#include "sql/analyzer/metadata.h"
#include "sql/ast/statement.h"

namespace planaria::coordinator {

/// The view that `statement`, a CREATE VIEW, makes. Throws the errors of its query, MISSING_COLUMN_NAME,
/// DUPLICATE_COLUMN_NAME. `metadata` knows which view is replaced.
connector::View MakeView(kernel::Engine& engine, const planner::QuerySession& session,
                         const sql::ast::Statement& statement, const sql::Metadata& metadata);

/// Throws INVALID_VIEW when the view's query is not valid any more, VIEW_IS_STALE when its columns are others
/// now; both without a place.
void CheckView(const std::string& name, const connector::View& view, const sql::Metadata& metadata);

/// Lets the kernel's binder read views. `engine` must outlive its instance's use.
void ReadViews(kernel::Engine& engine);

}  // namespace planaria::coordinator
