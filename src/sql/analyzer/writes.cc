// DELETE, UPDATE and MERGE. That their targets are there and take the values is checked by the planner.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

void QueryAnalyzer::Assign(const std::vector<ast::Assignment>& assignments, const std::vector<Field>& columns,
                           const Context& context, LoweredQuery& sql) {
  for (size_t i = 0; i < assignments.size(); ++i) {
    if (i > 0) sql.Append(", ");
    sql.Mark(assignments[i].column.location);
    sql.Append(QuoteName(assignments[i].column.value));
    sql.Append(" = ");
    sql.Append(ValueFor(*assignments[i].value, NameOf(assignments[i].column), columns, context));
  }
}

LoweredQuery QueryAnalyzer::ValueFor(const ast::Expression& expression, const std::string& name,
                                     const std::vector<Field>& columns, const Context& context) {
  Typed value = Expression(expression, context);
  const auto column =
      std::find_if(columns.begin(), columns.end(), [&](const Field& field) { return field.name == name; });
  const bool fits = column != columns.end() && value.type != column->type &&
                    CommonSuperType(value.type, column->type).has_value();
  if (fits) value = CastTo(std::move(value), column->type, false, expression.location);
  return std::move(value.sql);
}

AnalyzedRelation QueryAnalyzer::Target(const ast::QualifiedName& name, ErrorLocation location,
                                       const Scope& scope, const ast::AliasedRelation* aliased) {
  const std::vector<std::string> parts = PartsOf(name);
  const bool qualified = parts.size() == 3 && parts[0] != "system";
  if (qualified && (!metadata_.HasCatalog(parts[0]) || !metadata_.HasSchema(parts[0], parts[1]))) {
    ThrowAt(errors::TABLE_NOT_FOUND, location, fmt::format("Table '{}' does not exist", DottedName(name)));
  }
  return Table(name, location, scope, aliased);
}

LoweredQuery QueryAnalyzer::Delete(const ast::Delete& remove, ErrorLocation location) {
  Scope scope;
  AnalyzedRelation target = Target(remove.table, location, scope, nullptr);
  scope.fields = target.columns;
  LoweredQuery sql;
  sql.Mark(location);
  sql.Append("DELETE FROM ");
  sql.Append(target.sql);
  if (!remove.where) return sql;
  sql.Append(" WHERE ");
  sql.Append(Condition(*remove.where, {&scope, nullptr, nullptr, nullptr}, "WHERE").sql);
  return sql;
}

LoweredQuery QueryAnalyzer::Update(const ast::Update& update, ErrorLocation location) {
  Scope scope;
  AnalyzedRelation target = Target(update.table, location, scope, nullptr);
  scope.fields = target.columns;
  const Context context{&scope, nullptr, nullptr, nullptr};
  LoweredQuery sql;
  sql.Mark(location);
  sql.Append("UPDATE ");
  sql.Append(target.sql);
  sql.Append(" SET ");
  Assign(update.assignments, target.columns, context, sql);
  if (!update.where) return sql;
  sql.Append(" WHERE ");
  sql.Append(Condition(*update.where, context, "WHERE").sql);
  return sql;
}

LoweredQuery QueryAnalyzer::Merge(const ast::Merge& merge, ErrorLocation location) {
  Scope scope;
  ast::AliasedRelation aliased;
  if (merge.alias) aliased.alias = *merge.alias;
  AnalyzedRelation target = Target(merge.table, location, scope, merge.alias ? &aliased : nullptr);
  AnalyzedRelation source = Relation(*merge.source, scope, &scope);
  scope.fields = target.columns;
  scope.fields.insert(scope.fields.end(), source.columns.begin(), source.columns.end());
  const Context context{&scope, nullptr, nullptr, nullptr};
  LoweredQuery sql;
  sql.Mark(location);
  sql.Append("MERGE INTO ");
  sql.Append(target.sql);
  sql.Append(" USING ");
  sql.Append(source.sql);
  sql.Append(" ON ");
  sql.Append(Condition(*merge.on, context, "MERGE ON").sql);
  for (const ast::MergeCase& one : merge.cases) {
    const auto* insert = std::get_if<ast::MergeInsert>(&one.action);
    const auto* update = std::get_if<ast::MergeUpdate>(&one.action);
    sql.Mark(one.location);
    sql.Append(insert != nullptr ? " WHEN NOT MATCHED" : " WHEN MATCHED");
    if (one.condition) {
      sql.Append(" AND ");
      sql.Append(Condition(*one.condition, context, "WHEN").sql);
    }
    if (update != nullptr) {
      sql.Append(" THEN UPDATE SET ");
      Assign(update->assignments, target.columns, context, sql);
    } else if (insert == nullptr) {
      sql.Append(" THEN DELETE");
    } else {
      const bool named = !insert->columns.empty();
      sql.Append(named ? " THEN INSERT (" : " THEN INSERT ");
      for (size_t i = 0; i < insert->columns.size(); ++i) {
        if (i > 0) sql.Append(", ");
        sql.Append(QuoteName(insert->columns[i].value));
      }
      sql.Append(named ? ") VALUES (" : "VALUES (");
      for (size_t i = 0; i < insert->values.size(); ++i) {
        if (i > 0) sql.Append(", ");
        std::string name;
        if (i < insert->columns.size()) name = NameOf(insert->columns[i]);
        if (!named && i < target.columns.size()) name = target.columns[i].name;
        sql.Append(ValueFor(*insert->values[i], name, target.columns, context));
      }
      sql.Append(")");
    }
  }
  return sql;
}

}  // namespace planaria::sql
