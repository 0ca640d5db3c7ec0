// UNION, INTERSECT and EXCEPT CORRESPONDING: the columns that both sides have, by their names.
#include <fmt/format.h>

#include <set>

#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"

namespace planaria::sql {

namespace {

void CheckNames(const AnalyzedRelation& relation, ErrorLocation side, ErrorLocation operation) {
  std::set<std::string> names;
  for (const Field& column : relation.columns) {
    const std::string name = LowerCase(column.name);
    if (name.empty()) {
      ThrowAt(errors::MISSING_COLUMN_NAME, operation,
              "Anonymous columns are not allowed in set operations with CORRESPONDING");
    }
    if (names.insert(name).second) continue;
    ThrowAt(errors::AMBIGUOUS_NAME, side,
            fmt::format("Duplicate columns found when using CORRESPONDING in set operations: {}", name));
  }
}

const Field* Find(const AnalyzedRelation& relation, const std::string& name) {
  for (const Field& column : relation.columns) {
    if (LowerCase(column.name) == LowerCase(name)) return &column;
  }
  return nullptr;
}

}  // namespace

AnalyzedRelation QueryAnalyzer::Projected(AnalyzedRelation relation, const std::vector<Field>& columns,
                                          const void* node) {
  const std::string name = QuoteName(Unique("query", node));
  AnalyzedRelation made;
  for (const Field& column : columns) {
    made.columns.push_back(*Find(relation, column.name));
    made.sql.Append(made.columns.size() == 1 ? "SELECT " : ", ");
    made.sql.Append(fmt::format("{}.{}", name, made.columns.back().sql));
  }
  made.sql.Append(" FROM (");
  made.sql.Append(relation.sql);
  made.sql.Append(") AS " + name);
  return made;
}

void QueryAnalyzer::KeepCorresponding(const ast::SetOperation& operation, ErrorLocation location,
                                      AnalyzedRelation& left, AnalyzedRelation& right) {
  if (!operation.corresponding_by.empty()) {
    ThrowAt(errors::NOT_SUPPORTED, location, "CORRESPONDING with columns is unsupported");
  }
  CheckNames(left, operation.left->location, location);
  CheckNames(right, operation.right->location, location);
  std::vector<Field> common;
  for (const Field& column : left.columns) {
    if (Find(right, column.name) != nullptr) common.push_back(column);
  }
  if (common.empty()) {
    ThrowAt(errors::MISMATCHED_COLUMN_ALIASES, location, "No corresponding columns");
  }
  left = Projected(std::move(left), common, &operation.corresponding);
  right = Projected(std::move(right), common, &operation.corresponding_by);
}

}  // namespace planaria::sql
