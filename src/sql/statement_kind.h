// What to call a statement.
#pragma once

#include <string_view>

#include "sql/ast/statement.h"

namespace planaria::sql {

/// The words that its kind begins with: `CREATE VIEW`, `SHOW STATS`; `SELECT` for any query.
std::string_view KindOf(const ast::Statement& statement);

}  // namespace planaria::sql
