#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"

namespace planaria::sql::lowering {

namespace {

std::string_view Text(ast::ComparisonOperator op) {
  static constexpr std::string_view kTexts[] = {
      " = ", " <> ", " < ", " <= ", " > ", " >= ", " IS DISTINCT FROM "};
  return kTexts[static_cast<size_t>(op)];
}

}  // namespace

void DuckDbWriter::Expression(const ast::Expression& expression) {
  out_.Mark(expression.location);
  std::visit([&](const auto& node) { Node(node, expression.location); }, expression.node);
}

void DuckDbWriter::Expressions(const ast::ExpressionList& list) {
  Separated(list, ", ", [&](const auto& one) { Expression(*one); });
}

void DuckDbWriter::Node(const ast::Parameter& parameter, ErrorLocation) {
  Expression(*parameters_.at(parameter.index));
}

void DuckDbWriter::Node(const ast::Identifier& name, ErrorLocation) { Put(QuoteName(name.value)); }

void DuckDbWriter::Node(const ast::Dereference& dereference, ErrorLocation) {
  const auto& base = dereference.base->node;
  const bool name =
      std::holds_alternative<ast::Identifier>(base) || std::holds_alternative<ast::Dereference>(base);
  if (!name) Put("(");
  Expression(*dereference.base);
  Put(name ? "." : ").");
  Put(QuoteName(dereference.field.value));
}

void DuckDbWriter::Node(const ast::Subscript& subscript, ErrorLocation) {
  Put("(");
  Expression(*subscript.base);
  Put(")[");
  Expression(*subscript.index);
  Put("]");
}

void DuckDbWriter::Node(const ast::ArithmeticBinary& arithmetic, ErrorLocation location) {
  static constexpr std::string_view kTexts[] = {" + ", " - ", " * ", " / ", " % "};
  Put("(");
  Expression(*arithmetic.left);
  out_.Mark(location);
  Put(kTexts[static_cast<size_t>(arithmetic.op)]);
  Expression(*arithmetic.right);
  Put(")");
}

void DuckDbWriter::Node(const ast::ArithmeticUnary& arithmetic, ErrorLocation) {
  Put(arithmetic.negative ? "(-" : "(+");
  Expression(*arithmetic.value);
  Put(")");
}

void DuckDbWriter::Compare(const ast::Comparison& comparison, std::string_view op, ErrorLocation location) {
  Put("(");
  Expression(*comparison.left);
  out_.Mark(location);
  Put(op);
  Expression(*comparison.right);
  Put(")");
}

void DuckDbWriter::Node(const ast::Comparison& comparison, ErrorLocation location) {
  Compare(comparison, Text(comparison.op), location);
}

void DuckDbWriter::Node(const ast::QuantifiedComparison& comparison, ErrorLocation location) {
  Put("(");
  Expression(*comparison.value);
  out_.Mark(location);
  Put(Text(comparison.op));
  Put(comparison.quantifier == ast::Quantifier::kAll ? "ALL " : "ANY ");
  Parenthesized(*comparison.query);
  Put(")");
}

void DuckDbWriter::Node(const ast::Logical& logical, ErrorLocation) {
  Put("(");
  Separated(logical.terms, logical.op == ast::Logical::Operator::kAnd ? " AND " : " OR ",
            [&](const auto& term) { Expression(*term); });
  Put(")");
}

/// NOT goes into the predicates that have it, so that DuckDB reads the predicate that was written.
void DuckDbWriter::Node(const ast::Not& negation, ErrorLocation) {
  const ast::Expression& value = *negation.value;
  if (const auto* between = std::get_if<ast::Between>(&value.node)) {
    return Predicate(*between, true, value.location);
  }
  if (const auto* list = std::get_if<ast::InList>(&value.node)) return Predicate(*list, true, value.location);
  if (const auto* query = std::get_if<ast::InSubquery>(&value.node)) {
    return Predicate(*query, true, value.location);
  }
  if (const auto* like = std::get_if<ast::Like>(&value.node)) return Predicate(*like, true, value.location);
  const auto* comparison = std::get_if<ast::Comparison>(&value.node);
  if (comparison != nullptr && comparison->op == ast::ComparisonOperator::kIsDistinctFrom) {
    return Compare(*comparison, " IS NOT DISTINCT FROM ", value.location);
  }
  Put("(NOT ");
  Expression(value);
  Put(")");
}

void DuckDbWriter::Node(const ast::IsNull& predicate, ErrorLocation) {
  Put("(");
  Expression(*predicate.value);
  Put(predicate.negated ? " IS NOT NULL)" : " IS NULL)");
}

void DuckDbWriter::Predicate(const ast::Between& between, bool negated, ErrorLocation location) {
  Put("(");
  Expression(*between.value);
  out_.Mark(location);
  Put(negated ? " NOT BETWEEN " : " BETWEEN ");
  Expression(*between.min);
  Put(" AND ");
  Expression(*between.max);
  Put(")");
}

void DuckDbWriter::Predicate(const ast::InList& in, bool negated, ErrorLocation location) {
  Put("(");
  Expression(*in.value);
  out_.Mark(location);
  Put(negated ? " NOT IN (" : " IN (");
  Expressions(in.list);
  Put("))");
}

void DuckDbWriter::Predicate(const ast::InSubquery& in, bool negated, ErrorLocation location) {
  Put("(");
  Expression(*in.value);
  out_.Mark(location);
  Put(negated ? " NOT IN " : " IN ");
  Parenthesized(*in.query);
  Put(")");
}

void DuckDbWriter::Predicate(const ast::Like& like, bool negated, ErrorLocation location) {
  Put("(");
  Expression(*like.value);
  out_.Mark(location);
  Put(negated ? " NOT LIKE " : " LIKE ");
  Expression(*like.pattern);
  if (like.escape) {
    Put(" ESCAPE ");
    Expression(*like.escape);
  }
  Put(")");
}

void DuckDbWriter::Node(const ast::Exists& exists, ErrorLocation) {
  Put("EXISTS ");
  Parenthesized(*exists.query);
}

void DuckDbWriter::Node(const ast::ScalarSubquery& subquery, ErrorLocation) {
  Parenthesized(*subquery.query);
}

void DuckDbWriter::Node(const ast::Case& expression, ErrorLocation) {
  Put("CASE");
  if (expression.operand) {
    Put(" ");
    Expression(*expression.operand);
  }
  for (const ast::WhenClause& when : expression.when) {
    Put(" WHEN ");
    Expression(*when.condition);
    Put(" THEN ");
    Expression(*when.result);
  }
  if (expression.otherwise) {
    Put(" ELSE ");
    Expression(*expression.otherwise);
  }
  Put(" END");
}

void DuckDbWriter::Node(const ast::ArrayConstructor& array, ErrorLocation) {
  Put("[");
  Expressions(array.values);
  Put("]");
}

void DuckDbWriter::Node(const ast::RowConstructor& row, ErrorLocation) {
  Put(row.values.size() > 1 ? "(" : "ROW(");
  Expressions(row.values);
  Put(")");
}

void DuckDbWriter::Node(const ast::Lambda& lambda, ErrorLocation location) {
  if (lambda.parameters.empty()) Unsupported(location, "A lambda expression without parameters");
  Put("(lambda ");
  Separated(lambda.parameters, ", ", [&](const auto& parameter) { PutName(parameter); });
  Put(": ");
  Expression(*lambda.body);
  Put(")");
}

void DuckDbWriter::Node(const ast::AtTimeZone& at, ErrorLocation) {
  Put("(");
  Expression(*at.value);
  Put(" AT TIME ZONE ");
  Expression(*at.zone);
  Put(")");
}

void DuckDbWriter::Node(const ast::Cast& cast, ErrorLocation) {
  Put(cast.safe ? "TRY_CAST(" : "CAST(");
  Expression(*cast.value);
  Put(" AS ");
  Write(*cast.type);
  Put(")");
}

void DuckDbWriter::Node(const ast::SpecialForm& form, ErrorLocation) {
  using Kind = ast::SpecialForm::Kind;
  if (form.kind == Kind::kIf) {
    Put("CASE WHEN ");
    Expression(*form.arguments[0]);
    Put(" THEN ");
    Expression(*form.arguments[1]);
    if (form.arguments.size() > 2) {
      Put(" ELSE ");
      Expression(*form.arguments[2]);
    }
    return Put(" END");
  }
  Put(form.kind == Kind::kCoalesce ? "coalesce(" : form.kind == Kind::kNullIf ? "nullif(" : "TRY(");
  Expressions(form.arguments);
  Put(")");
}

}  // namespace planaria::sql::lowering
