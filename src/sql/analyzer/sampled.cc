// TABLESAMPLE, and relations made tables of their own.
#include <fmt/format.h>

#include <cstdlib>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"

namespace planaria::sql {

namespace {

/// The value of a number as it is written; nothing for other expressions.
std::optional<double> NumberOf(const ast::Expression& expression) {
  if (const auto* unary = std::get_if<ast::ArithmeticUnary>(&expression.node)) {
    const auto number = NumberOf(*unary->value);
    return number && unary->negative ? -*number : number;
  }
  const std::string* text = nullptr;
  if (const auto* integer = std::get_if<ast::IntegerLiteral>(&expression.node)) text = &integer->text;
  if (const auto* decimal = std::get_if<ast::DecimalLiteral>(&expression.node)) text = &decimal->text;
  if (const auto* number = std::get_if<ast::DoubleLiteral>(&expression.node)) return number->value;
  if (text == nullptr) return std::nullopt;
  return std::strtod(text->c_str(), nullptr);
}

bool IsNull(const ast::Expression& expression) {
  if (const auto* cast = std::get_if<ast::Cast>(&expression.node)) return IsNull(*cast->value);
  return std::holds_alternative<ast::NullLiteral>(expression.node);
}

}  // namespace

AnalyzedRelation QueryAnalyzer::Derived(const AnalyzedRelation& relation, const std::vector<Field>& columns,
                                        const LoweredQuery& condition, const std::string& name,
                                        const void* node) {
  AnalyzedRelation derived;
  const std::string alias = QuoteName(Unique(name, node));
  for (const Field& column : columns) {
    const std::string own = QuoteName(fmt::format("_col{}", derived.columns.size()));
    derived.sql.Append(derived.columns.empty() ? "(SELECT " : ", ");
    derived.sql.Append(column.sql + " AS " + own);
    derived.columns.push_back(column);
    derived.columns.back().sql = alias + "." + own;
  }
  derived.sql.Append(" FROM ");
  derived.sql.Append(relation.sql);
  derived.sql.Append(condition);
  derived.sql.Append(") AS " + alias);
  return derived;
}

/// Rows are drawn one by one, also for SYSTEM: what Trino draws for it, splits, are no part of a plan here.
AnalyzedRelation QueryAnalyzer::Sampled(const ast::SampledRelation& sampled, ErrorLocation location,
                                        const Scope& scope, const Scope* lateral) {
  const ast::Expression& expression = *sampled.percentage;
  const AnalyzedRelation relation = Relation(*sampled.relation, scope, lateral);
  Typed percentage;
  try {
    percentage = Constant(expression);
  } catch (const TrinoException& exception) {
    if (exception.error().code.code != errors::COLUMN_NOT_FOUND.code) throw;
    ThrowAt(errors::EXPRESSION_NOT_CONSTANT, expression.location,
            "Sample percentage cannot contain column references");
  }
  if (IsNull(expression)) {
    ThrowAt(errors::INVALID_ARGUMENTS, expression.location, "Sample percentage cannot be NULL");
  }
  if (!percentage.type.IsNumber()) {
    ThrowAt(errors::TYPE_MISMATCH, expression.location, "Sample percentage should be a numeric expression");
  }
  const double number = NumberOf(expression).value_or(0);
  if (number < 0 || number > 100) {
    ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, expression.location,
            number < 0 ? "Sample percentage must be greater than or equal to 0"
                       : "Sample percentage must be less than or equal to 100");
  }
  percentage = CastTo(std::move(percentage), Type::Of(TypeKind::kDouble), false, location);
  LoweredQuery condition;
  condition.Append(" WHERE ");
  condition.Append(
      Expand(Type::Of(TypeKind::kBoolean), location, "random() < trino_sampled_part($1)", {percentage}).sql);
  return Derived(relation, relation.columns, condition, "sample", &sampled);
}

}  // namespace planaria::sql
