// What INSERT writes into columns that the kernel has no type for.
#pragma once

#include <vector>

#include "sql/analyzer/analyzer.h"
#include "sql/ast/write_statements.h"

namespace planaria::sql {

/// Casts the columns of an INSERT's query that go into columns of times and timestamps, where Trino would
/// coerce them. Everything else is left to the planner, which cannot tell such values by the kernel's types.
void CastForInsert(AnalyzedQuery& query, const ast::Insert& insert, const std::vector<TableColumn>& table);

}  // namespace planaria::sql
