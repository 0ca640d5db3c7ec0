// An expression that is nothing but a column.
#pragma once

#include <optional>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"

namespace planaria::planner {

/// The column that `expression` is, if it is nothing but one.
inline std::optional<duckdb::ColumnBinding> AsColumn(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return std::nullopt;
  return expression.Cast<duckdb::BoundColumnRefExpression>().binding;
}

}  // namespace planaria::planner
