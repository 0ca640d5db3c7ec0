// AS behind what FROM names.
#pragma once

#include "sql/analyzer/query_analyzer.h"

namespace planaria::sql {

/// Throws MISMATCHED_COLUMN_ALIASES unless there is a name for every column, or for none.
void CheckAliases(const AnalyzedRelation& relation, const ast::AliasedRelation& aliased);

/// Names a column after the alias, and as the list of names says for column `index`.
void RenameColumn(Field& column, const ast::AliasedRelation& aliased, size_t index);

}  // namespace planaria::sql
