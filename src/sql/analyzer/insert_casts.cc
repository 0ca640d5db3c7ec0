#include "sql/analyzer/insert_casts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/time_casts.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

/// The types of the columns that are written, in the order of the query's.
std::vector<std::optional<Type>> Targets(const ast::Insert& insert, const std::vector<TableColumn>& table) {
  std::vector<std::optional<Type>> types;
  if (!insert.columns) {
    for (const TableColumn& column : table) {
      if (!column.hidden) types.push_back(column.type);
    }
    return types;
  }
  for (const ast::Identifier& name : *insert.columns) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const TableColumn& column) {
      return LowerCase(column.name) == NameOf(name);
    });
    types.push_back(found == table.end() ? std::nullopt : found->type);
  }
  return types;
}

bool IsMoment(const Type& type) { return IsFine(type) || IsZoned(type); }

}  // namespace

void CastForInsert(AnalyzedQuery& query, const ast::Insert& insert, const std::vector<TableColumn>& table) {
  const auto targets = Targets(insert, table);
  if (targets.size() != query.columns.size()) return;
  std::string names;
  LoweredQuery sql;
  bool same = true;
  for (size_t i = 0; i < targets.size(); ++i) {
    const std::string name = QuoteName(fmt::format("column {}", i + 1));
    names += names.empty() ? name : ", " + name;
    OutputColumn& column = query.columns[i];
    Typed value = Compose(column.type, {}, {name});
    const bool cast = targets[i] && column.type != *targets[i] && IsMoment(*targets[i]) &&
                      !column.type.Is(TypeKind::kUnknown) && CanCoerce(column.type, *targets[i]);
    if (cast) {
      value = Coerce(std::move(value), *targets[i]);
      column.type = *targets[i];
      same = false;
    }
    sql.Append(i == 0 ? "SELECT " : ", ");
    sql.Append(value.sql);
  }
  if (same) return;
  sql.Append(" FROM (");
  sql.Append(query.sql);
  sql.Append(") AS \"inserted\"(" + names + ")");
  query.sql = std::move(sql);
}

}  // namespace planaria::sql
