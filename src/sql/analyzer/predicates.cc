// Comparisons and the other expressions that are true or false.
#include <fmt/format.h>

#include "sql/analyzer/comparison.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/row_field.h"
#include "sql/error_at.h"
#include "sql/like_pattern.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;
using Op = ast::ComparisonOperator;

const Type kBoolean = Type::Of(Kind::kBoolean);

/// As messages name it: Trino turns the operators round.
std::string_view MessageSymbol(Op op) {
  switch (op) {
    case Op::kEqual:
    case Op::kNotEqual:
      return " = ";
    case Op::kLess:
    case Op::kGreater:
      return " < ";
    case Op::kLessEqual:
    case Op::kGreaterEqual:
      return " <= ";
    case Op::kIsDistinctFrom:
      break;
  }
  return " IS DISTINCT FROM ";
}

/// What is written out of pattern and escape character is looked at before anything runs.
void CheckEscapes(const ast::Like& like) {
  const auto* escape = like.escape ? std::get_if<ast::StringLiteral>(&like.escape->node) : nullptr;
  if (escape == nullptr) return;
  const auto* pattern = std::get_if<ast::StringLiteral>(&like.pattern->node);
  if (pattern == nullptr) return CheckEscape(escape->value);
  CheckEscape(pattern->value, escape->value);
}

/// Arrays and maps that hold NULLs are perhaps equal; for the kernel they are or are not.
Typed NestedEqual(const Typed& left, const Typed& right, ErrorLocation location) {
  return Compose(kBoolean, location, {"trino_nested_equal(", &left, ", ", &right, ")"});
}

std::string_view Symbol(Op op) {
  static constexpr std::string_view kSymbols[] = {
      " = ", " <> ", " < ", " <= ", " > ", " >= ", " IS DISTINCT FROM "};
  return kSymbols[static_cast<size_t>(op)];
}

}  // namespace

Typed QueryAnalyzer::Compare(const ast::Comparison& comparison, ErrorLocation location,
                             const Context& context, bool negated) {
  const size_t before = queries_;
  Typed left = Expression(*comparison.left, context);
  Typed right = Expression(*comparison.right, context);
  const bool queries = queries_ != before;
  ToCommonType(left, *comparison.left, right, *comparison.right, MessageSymbol(comparison.op), location);
  const bool ordered =
      comparison.op != Op::kEqual && comparison.op != Op::kNotEqual && comparison.op != Op::kIsDistinctFrom;
  if (ordered && !IsOrderable(left.type)) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot apply operator: {}{}{}", left.type.ToString(), MessageSymbol(comparison.op),
                        right.type.ToString()));
  }
  const bool rows =
      left.type.Is(Kind::kRow) && (comparison.op == Op::kEqual || comparison.op == Op::kNotEqual);
  const bool nested = left.type.Is(Kind::kArray) || left.type.Is(Kind::kMap);
  if (nested && comparison.op == Op::kEqual) return NestedEqual(left, right, location);
  if (nested && comparison.op == Op::kNotEqual) {
    const Typed equal = NestedEqual(left, right, location);
    return Compose(kBoolean, location, {"(NOT ", &equal, ")"});
  }
  if (rows && !left.type.children.empty()) return CompareRows(left, right, comparison.op, location);
  if (left.type.IsFloat() && !queries && !negated) {
    return CompareFloats(left, *comparison.left, right, *comparison.right, comparison.op,
                         Symbol(comparison.op), location);
  }
  return Compose(kBoolean, location,
                 {"(", &left, negated ? " IS NOT DISTINCT FROM " : Symbol(comparison.op), &right, ")"});
}

/// Field by field, as NULL in one may leave the whole unknown: for the kernel rows are all equal or not.
Typed QueryAnalyzer::CompareRows(const Typed& left, const Typed& right, ast::ComparisonOperator op,
                                 ErrorLocation location) {
  Typed whole = Compose(kBoolean, location, {"("});
  for (size_t i = 0; i < left.type.children.size(); ++i) {
    if (i > 0) Append(whole, op == Op::kEqual ? " AND " : " OR ");
    const Type& field = left.type.children[i];
    const Typed one = FieldOfRow(left, i, location);
    const Typed other = FieldOfRow(right, i, location);
    if (field.children.empty()) {
      Append(whole, Compose(kBoolean, location, {"(", &one, Symbol(op), &other, ")"}));
    } else {
      const Typed equal = NestedEqual(one, other, location);
      Append(whole, Compose(kBoolean, location, {op == Op::kEqual ? "(" : "(NOT ", &equal, ")"}));
    }
  }
  Append(whole, ")");
  return whole;
}

Typed QueryAnalyzer::Not(const ast::Not& negation, ErrorLocation location, const Context& context) {
  const ast::Expression& inner = *negation.value;
  if (const auto* between = std::get_if<ast::Between>(&inner.node)) {
    return Between(*between, inner.location, context, true);
  }
  if (const auto* in = std::get_if<ast::InList>(&inner.node))
    return InList(*in, inner.location, context, true);
  if (const auto* in = std::get_if<ast::InSubquery>(&inner.node)) {
    return InSubquery(*in, inner.location, context, true);
  }
  if (const auto* like = std::get_if<ast::Like>(&inner.node))
    return Like(*like, inner.location, context, true);
  const auto* comparison = std::get_if<ast::Comparison>(&inner.node);
  if (comparison != nullptr && comparison->op == Op::kIsDistinctFrom) {
    return Compare(*comparison, inner.location, context, true);
  }
  Typed value = Expression(inner, context);
  RequireBoolean(value, "Value of logical NOT expression");
  return Compose(kBoolean, location, {"(NOT ", &value, ")"});
}

Typed QueryAnalyzer::Logical(const ast::Logical& logical, ErrorLocation location, const Context& context) {
  Typed whole = Compose(kBoolean, location, {"("});
  bool first = true;
  for (const auto& term : logical.terms) {
    Typed value = Expression(*term, context);
    RequireBoolean(value, "Logical expression term");
    if (!first) Append(whole, logical.op == ast::Logical::Operator::kAnd ? " AND " : " OR ");
    first = false;
    Append(whole, value);
  }
  Append(whole, ")");
  return whole;
}

Typed QueryAnalyzer::Between(const ast::Between& between, ErrorLocation location, const Context& context,
                             bool negated) {
  const size_t before = queries_;
  Typed value = Expression(*between.value, context);
  Typed min = Expression(*between.min, context);
  Typed max = Expression(*between.max, context);
  const bool queries = queries_ != before;
  const auto common = CommonSuperType(value.type, min.type);
  const auto all = common ? CommonSuperType(*common, max.type) : std::nullopt;
  if (!all) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot check if {} is BETWEEN {} and {}", value.type.ToString(), min.type.ToString(),
                        max.type.ToString()));
  }
  ToCommonType(value, *between.value, min, *between.min, " <= ", location);
  ToCommonType(value, *between.value, max, *between.max, " <= ", location);
  min = Coerce(std::move(min), value.type);
  const Typed plain = Compose(
      kBoolean, location, {"(", &value, negated ? " NOT BETWEEN " : " BETWEEN ", &min, " AND ", &max, ")"});
  if (queries || !MayBeNan(max, *between.max)) return plain;
  return Compose(
      kBoolean, location,
      {"(", &plain, negated ? " OR (" : " AND (", &max, negated ? " > " : " <= ", Infinity(max.type), "))"});
}

Typed QueryAnalyzer::InList(const ast::InList& in, ErrorLocation location, const Context& context,
                            bool negated) {
  std::vector<Typed> values;
  values.push_back(Expression(*in.value, context));
  const bool decimal = values[0].type.Is(Kind::kDecimal);
  for (const auto& one : in.list) {
    values.push_back(Expression(*one, context));
    const auto digits = DecimalOfLiteral(*one);
    if (decimal && digits) values.back() = Coerce(std::move(values.back()), *digits);
  }
  Unify(values, "IN value and list items", location);
  const Typed value = values[0];
  values.erase(values.begin());
  const Typed list = Expand(kBoolean, location, negated ? " NOT IN ($*))" : " IN ($*))", values);
  return Compose(kBoolean, location, {"(", &value, &list});
}

AnalyzedRelation QueryAnalyzer::RowsLike(const Type& value, AnalyzedRelation query, const void* node) {
  std::vector<Type> types;
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const Type& column = query.columns[i].type;
    if (value.Is(Kind::kUnknown)) {
      types.push_back(column);
    } else if (value.Is(Kind::kRow) && value.children.size() == query.columns.size()) {
      const auto common = CommonSuperType(value.children[i], column);
      if (common) types.push_back(*common);
    }
  }
  if (types.size() != query.columns.size()) return query;
  return RowQuery(std::move(query), types, node);
}

Typed QueryAnalyzer::InSubquery(const ast::InSubquery& in, ErrorLocation location, const Context& context,
                                bool negated) {
  if (const auto* row = std::get_if<ast::RowConstructor>(&in.value->node)) {
    return RowInSubquery(*row, in, location, context, negated);
  }
  Typed value = Expression(*in.value, context);
  AnalyzedRelation query = Query(*in.query, context.scope, false);
  RequireJoinable(query.correlation, SubqueryUse::kIn, true, location);
  if (query.columns.size() != 1) query = RowsLike(value.type, std::move(query), &in.query);
  if (query.columns.size() != 1) {
    std::vector<Type> types;
    for (const Field& column : query.columns) types.push_back(column.type);
    ThrowAt(
        errors::TYPE_MISMATCH, location,
        fmt::format("Value expression and result of subquery must be of the same type: row({}) vs row({})",
                    value.type.ToString(), TypeList(types)));
  }
  const auto common = CommonSuperType(value.type, query.columns[0].type);
  if (!common) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Value expression and result of subquery must be of the same type: {} vs {}",
                        value.type.ToString(), query.columns[0].type.ToString()));
  }
  value = Coerce(std::move(value), *common);
  Typed whole = Compose(kBoolean, location, {"(", &value, negated ? " NOT IN (" : " IN ("});
  whole.constant = false;
  whole.sql.Append(WithCasts(std::move(query), {*common}, &in));
  whole.sql.Append("))");
  return whole;
}

Typed QueryAnalyzer::RowInSubquery(const ast::RowConstructor& row, const ast::InSubquery& in,
                                   ErrorLocation location, const Context& context, bool negated) {
  std::vector<Typed> values = Expressions(row.values, context);
  AnalyzedRelation query = Query(*in.query, context.scope, false);
  RequireJoinable(query.correlation, SubqueryUse::kIn, true, location);
  std::vector<Type> common;
  for (size_t i = 0; i < values.size() && i < query.columns.size(); ++i) {
    const auto type = CommonSuperType(values[i].type, query.columns[i].type);
    if (type) common.push_back(*type);
  }
  if (common.size() != values.size() || common.size() != query.columns.size()) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            "Value expression and result of subquery must be of the same type: a row of other types");
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] = Coerce(std::move(values[i]), common[i]);
  Typed whole = Expand(kBoolean, location, negated ? "(($*) NOT IN (" : "(($*) IN (", values);
  whole.constant = false;
  whole.sql.Append(WithCasts(std::move(query), common, &in));
  whole.sql.Append("))");
  return whole;
}

Typed QueryAnalyzer::Quantified(const ast::QuantifiedComparison& comparison, ErrorLocation location,
                                const Context& context) {
  Typed value = Expression(*comparison.value, context);
  if (value.type.Is(Kind::kRow) && value.type.children.size() == 1) {
    value = FieldOfRow(value, 0, location);
  }
  AnalyzedRelation query = Query(*comparison.query, context.scope, false);
  RequireJoinable(query.correlation, SubqueryUse::kQuantified, true, comparison.query->location);
  if (query.columns.size() != 1) query = RowsLike(value.type, std::move(query), &comparison.query);
  if (query.columns.size() != 1) query = OneColumn(*comparison.query, location, context);
  const auto common = CommonSuperType(value.type, query.columns[0].type);
  if (!common) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Value expression and result of subquery must be of the same type for quantified "
                        "comparison: {} vs {}",
                        value.type.ToString(), query.columns[0].type.ToString()));
  }
  value = Coerce(std::move(value), *common);
  const bool all = comparison.quantifier == ast::Quantifier::kAll;
  Typed whole = Compose(kBoolean, location, {"(", &value, Symbol(comparison.op), all ? "ALL (" : "ANY ("});
  whole.constant = false;
  whole.sql.Append(WithCasts(std::move(query), {*common}, &comparison));
  whole.sql.Append("))");
  return whole;
}

Typed QueryAnalyzer::Like(const ast::Like& like, ErrorLocation location, const Context& context,
                          bool negated) {
  std::vector<Typed> operands;
  operands.push_back(Expression(*like.value, context));
  operands.push_back(Expression(*like.pattern, context));
  if (like.escape) operands.push_back(Expression(*like.escape, context));
  static constexpr std::string_view kNames[] = {"Left side of LIKE expression", "Pattern for LIKE expression",
                                                "Escape for LIKE expression"};
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].type.Is(Kind::kUnknown)) operands[i] = Coerce(std::move(operands[i]), Type::Varchar());
    // A char matches with all of its blanks.
    if (operands[i].type.Is(Kind::kVarchar) || (i == 0 && operands[i].type.Is(Kind::kChar))) continue;
    ThrowAt(
        errors::TYPE_MISMATCH, operands[i].location,
        fmt::format("{} must evaluate to a varchar (actual: {})", kNames[i], operands[i].type.ToString()));
  }
  CheckEscapes(like);
  std::string pattern = negated ? "($1 NOT LIKE $2" : "($1 LIKE $2";
  pattern += like.escape ? " ESCAPE $3)" : ")";
  return Expand(kBoolean, location, pattern, operands);
}

}  // namespace planaria::sql
