#include <charconv>
#include <cmath>

#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

namespace {

std::string_view Text(ast::ComparisonOperator op) {
  static constexpr std::string_view kTexts[] = {
      " = ", " <> ", " < ", " <= ", " > ", " >= ", " IS DISTINCT FROM "};
  return kTexts[static_cast<size_t>(op)];
}

/// `1.5E-10`: the fewest digits that read back as the same number.
std::string DoubleText(double value) {
  if (std::isinf(value)) return value < 0 ? "-1E999" : "1E999";
  // Java writes the smallest one so.
  if (std::abs(value) == 5e-324) return value < 0 ? "-4.9E-324" : "4.9E-324";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t exponent = text.find('e');
  std::string out(text.substr(0, exponent));
  std::string_view digits = text.substr(exponent + 2);
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  return out + (text[exponent + 1] == '-' ? "E-" : "E") + std::string(digits);
}

}  // namespace

void SqlWriter::Write(const ast::Expression& expression) {
  std::visit([&](const auto& node) { Node(node); }, expression.node);
}

void SqlWriter::Node(const ast::NullLiteral&) { Put("null"); }
void SqlWriter::Node(const ast::BooleanLiteral& literal) { Put(literal.value ? "true" : "false"); }
void SqlWriter::Node(const ast::StringLiteral& literal) { PutString(literal.value); }
void SqlWriter::Node(const ast::IntegerLiteral& literal) { Put(literal.text); }
void SqlWriter::Node(const ast::DoubleLiteral& literal) { Put(DoubleText(literal.value)); }
void SqlWriter::Node(const ast::Parameter&) { Put("?"); }
void SqlWriter::Node(const ast::Identifier& name) { Write(name); }

void SqlWriter::Node(const ast::BinaryLiteral& literal) {
  Put("X");
  PutString(literal.digits);
}

void SqlWriter::Node(const ast::DecimalLiteral& literal) {
  Put("DECIMAL ");
  PutString(literal.text);
}

void SqlWriter::Node(const ast::GenericLiteral& literal) {
  Put(literal.type);
  Put(" ");
  PutString(literal.value);
}

/// `1 .a`: without the blank the point would belong to the number.
void SqlWriter::DottedBase(const ast::Expression& base) {
  Write(base);
  Put(std::holds_alternative<ast::IntegerLiteral>(base.node) ? " ." : ".");
}

void SqlWriter::Node(const ast::Dereference& dereference) {
  DottedBase(*dereference.base);
  Write(dereference.field);
}

void SqlWriter::Node(const ast::Subscript& subscript) {
  Element(*subscript.base);
  Put("[");
  Element(*subscript.index);
  Put("]");
}

void SqlWriter::Node(const ast::ArithmeticBinary& arithmetic) {
  static constexpr std::string_view kTexts[] = {" + ", " - ", " * ", " / ", " % "};
  Put("(");
  Write(*arithmetic.left);
  Put(kTexts[static_cast<size_t>(arithmetic.op)]);
  Write(*arithmetic.right);
  Put(")");
}

void SqlWriter::Node(const ast::ArithmeticUnary& arithmetic) {
  // More parentheses around a subquery would belong to it.
  const bool parentheses =
      arithmetic.negative && !std::holds_alternative<ast::ScalarSubquery>(arithmetic.value->node);
  Put(arithmetic.negative ? "-" : "+");
  if (parentheses) Put("(");
  Write(*arithmetic.value);
  if (parentheses) Put(")");
}

void SqlWriter::Node(const ast::Comparison& comparison) {
  Put("(");
  Write(*comparison.left);
  Put(Text(comparison.op));
  Write(*comparison.right);
  Put(")");
}

void SqlWriter::Node(const ast::QuantifiedComparison& comparison) {
  static constexpr std::string_view kQuantifiers[] = {"ALL", "ANY", "SOME"};
  Put("(");
  Write(*comparison.value);
  Put(Text(comparison.op));
  Put(kQuantifiers[static_cast<size_t>(comparison.quantifier)]);
  Put(" ");
  Subquery(*comparison.query);
  Put(")");
}

void SqlWriter::Node(const ast::Logical& logical) {
  Put("(");
  Separated(logical.terms, logical.op == ast::Logical::Operator::kAnd ? " AND " : " OR ",
            [&](const auto& term) { Write(*term); });
  Put(")");
}

void SqlWriter::Node(const ast::Not& negation) {
  Put("(NOT ");
  Write(*negation.value);
  Put(")");
}

void SqlWriter::Node(const ast::IsNull& predicate) {
  Put("(");
  Write(*predicate.value);
  Put(predicate.negated ? " IS NOT NULL)" : " IS NULL)");
}

void SqlWriter::Node(const ast::Between& between) {
  Put("(");
  Write(*between.value);
  Put(" BETWEEN ");
  Write(*between.min);
  Put(" AND ");
  Write(*between.max);
  Put(")");
}

void SqlWriter::Node(const ast::InList& in) {
  Put("(");
  Write(*in.value);
  Put(" IN (");
  Expressions(in.list);
  Put("))");
}

void SqlWriter::Node(const ast::InSubquery& in) {
  Put("(");
  Write(*in.value);
  Put(" IN ");
  Subquery(*in.query);
  Put(")");
}

void SqlWriter::Node(const ast::Like& like) {
  Put("(");
  Write(*like.value);
  Put(" LIKE ");
  Write(*like.pattern);
  if (like.escape) {
    Put(" ESCAPE ");
    Write(*like.escape);
  }
  Put(")");
}

void SqlWriter::Node(const ast::Exists& exists) {
  Put("(EXISTS ");
  Subquery(*exists.query);
  Put(")");
}

void SqlWriter::Node(const ast::ScalarSubquery& subquery) { Subquery(*subquery.query); }

void SqlWriter::Node(const ast::Case& expression) {
  Put("(CASE");
  if (expression.operand) {
    Put(" ");
    Write(*expression.operand);
  }
  for (const ast::WhenClause& when : expression.when) {
    Put(" WHEN ");
    Write(*when.condition);
    Put(" THEN ");
    Write(*when.result);
  }
  if (expression.otherwise) {
    Put(" ELSE ");
    Write(*expression.otherwise);
  }
  Put(" END)");
}

void SqlWriter::Node(const ast::ArrayConstructor& array) {
  Put("ARRAY[");
  Separated(array.values, ",", [&](const auto& value) { Element(*value); });
  Put("]");
}

/// Trino puts no blank after ROW here.
void SqlWriter::Element(const ast::Expression& expression) {
  const auto* row = std::get_if<ast::RowConstructor>(&expression.node);
  if (row == nullptr) return Write(expression);
  Put("ROW(");
  Expressions(row->values);
  Put(")");
}

void SqlWriter::Node(const ast::RowConstructor& row) {
  Put("ROW (");
  Expressions(row.values);
  Put(")");
}

void SqlWriter::Node(const ast::Lambda& lambda) {
  Put("(");
  Names(lambda.parameters);
  Put(") -> ");
  Write(*lambda.body);
}

void SqlWriter::Node(const ast::AtTimeZone& at) {
  Write(*at.value);
  Put(" AT TIME ZONE ");
  Write(*at.zone);
}

}  // namespace planaria::sql::formatter
