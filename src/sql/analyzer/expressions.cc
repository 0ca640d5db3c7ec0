// Expressions: names, conditional forms, subqueries.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/comparison.h"
#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/row_field.h"
#include "sql/analyzer/time_casts.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;

const Type kBoolean = Type::Of(Kind::kBoolean);

/// Of CAST, where Trino says otherwise that there is no such type.
Type TypeOfCast(const ast::DataType& type, ErrorLocation location) {
  try {
    return TypeOf(type);
  } catch (const TrinoException& exception) {
    if (exception.error().code.code != errors::TYPE_NOT_FOUND.code) throw;
    const std::string& message = exception.error().message;
    ThrowAt(errors::TYPE_MISMATCH, location,
            message.substr(std::min(message.size(), message.find("Unknown type"))));
  }
}

bool HoldsQuery(const ast::Expression& expression) {
  const auto& node = expression.node;
  return std::holds_alternative<ast::ScalarSubquery>(node) || std::holds_alternative<ast::Exists>(node) ||
         std::holds_alternative<ast::InSubquery>(node) ||
         std::holds_alternative<ast::QuantifiedComparison>(node);
}

}  // namespace

Typed QueryAnalyzer::Expression(const ast::Expression& expression, const Context& context) {
  Typed typed = Node(expression, context);
  if (context.keys != nullptr && context.keys->contains(typed.sql.text())) typed.ungrouped = false;
  return typed;
}

std::vector<Typed> QueryAnalyzer::Expressions(const ast::ExpressionList& list, const Context& context) {
  std::vector<Typed> values;
  for (const auto& one : list) values.push_back(Expression(*one, context));
  return values;
}

Typed QueryAnalyzer::Node(const ast::Expression& expression, const Context& context) {
  const ErrorLocation location = expression.location;
  const auto& node = expression.node;
  if (IsLiteral(expression)) return LiteralOf(expression);
  if (inside_ != nullptr && HoldsQuery(expression)) {
    ThrowAt(errors::NOT_SUPPORTED, location, "Queries are not allowed in functions");
  }
  if (context.pattern != nullptr && !context.pattern->outside && HoldsQuery(expression)) {
    return OutsideOfMatch(expression, context);
  }
  if (const auto* parameter = std::get_if<ast::Parameter>(&node)) {
    if (parameter_types_ != nullptr) {
      Typed value = Compose(Type(), location, {"NULL"});
      value.parameter_type = &parameter_types_->at(parameter->index);
      return value;
    }
    return Expression(*parameters_.at(parameter->index), {context.scope, nullptr, nullptr, nullptr});
  }
  if (const auto* name = std::get_if<ast::Identifier>(&node)) return Name({NameOf(*name)}, location, context);
  if (const auto* dereference = std::get_if<ast::Dereference>(&node)) {
    return Dereference(*dereference, location, context);
  }
  if (const auto* subscript = std::get_if<ast::Subscript>(&node)) {
    return Subscript(*subscript, location, context);
  }
  if (const auto* arithmetic = std::get_if<ast::ArithmeticBinary>(&node)) {
    Typed left = Expression(*arithmetic->left, context);
    return Arithmetic(arithmetic->op, std::move(left), Expression(*arithmetic->right, context), location);
  }
  if (const auto* unary = std::get_if<ast::ArithmeticUnary>(&node)) {
    Typed value = Expression(*unary->value, context);
    return unary->negative ? Negate(std::move(value), location) : value;
  }
  if (const auto* comparison = std::get_if<ast::Comparison>(&node)) {
    return Compare(*comparison, location, context, false);
  }
  if (const auto* comparison = std::get_if<ast::QuantifiedComparison>(&node)) {
    return Quantified(*comparison, location, context);
  }
  if (const auto* logical = std::get_if<ast::Logical>(&node)) return Logical(*logical, location, context);
  if (const auto* negation = std::get_if<ast::Not>(&node)) return Not(*negation, location, context);
  if (const auto* null = std::get_if<ast::IsNull>(&node)) {
    const Typed value = Expression(*null->value, context);
    return Compose(kBoolean, location, {"(", &value, null->negated ? " IS NOT NULL)" : " IS NULL)"});
  }
  if (const auto* between = std::get_if<ast::Between>(&node)) {
    return Between(*between, location, context, false);
  }
  if (const auto* in = std::get_if<ast::InList>(&node)) return InList(*in, location, context, false);
  if (const auto* in = std::get_if<ast::InSubquery>(&node)) return InSubquery(*in, location, context, false);
  if (const auto* like = std::get_if<ast::Like>(&node)) return Like(*like, location, context, false);
  if (const auto* exists = std::get_if<ast::Exists>(&node)) {
    AnalyzedRelation query = Query(*exists->query, context.scope, false);
    RequireJoinable(query.correlation, SubqueryUse::kExists, true, location);
    Typed value = Compose(kBoolean, location, {"EXISTS ("});
    value.constant = false;
    value.sql.Append(query.sql);
    value.sql.Append(")");
    return value;
  }
  if (const auto* subquery = std::get_if<ast::ScalarSubquery>(&node)) {
    return ScalarSubquery(*subquery->query, location, context);
  }
  if (const auto* expression_case = std::get_if<ast::Case>(&node)) {
    return Case(*expression_case, location, context);
  }
  if (const auto* form = std::get_if<ast::SpecialForm>(&node)) return SpecialForm(*form, location, context);
  if (const auto* cast = std::get_if<ast::Cast>(&node)) {
    Typed value = Expression(*cast->value, context);
    return CastTo(std::move(value), TypeOfCast(*cast->type, location), cast->safe, location);
  }
  if (const auto* array = std::get_if<ast::ArrayConstructor>(&node)) {
    std::vector<Typed> values = Expressions(array->values, context);
    const Type element = values.empty() ? Type() : Unify(values, "ARRAY elements", location);
    return Expand(Type::Array(element), location, "[$*]", values);
  }
  if (const auto* row = std::get_if<ast::RowConstructor>(&node)) {
    const std::vector<Typed> values = Expressions(row->values, context);
    Type type = Type::Of(Kind::kRow);
    for (const Typed& value : values) type.children.push_back(value.type);
    type.field_names.resize(values.size());
    return Expand(type, location, "ROW($*)", values);
  }
  if (const auto* at = std::get_if<ast::AtTimeZone>(&node)) {
    Typed value = Expression(*at->value, context);
    return AtTimeZone(std::move(value), Expression(*at->zone, context), location);
  }
  if (const auto* call = std::get_if<ast::FunctionCall>(&node)) return Call(expression, *call, context);
  if (const auto* extract = std::get_if<ast::Extract>(&node)) return Extract(*extract, location, context);
  if (const auto* trim = std::get_if<ast::Trim>(&node)) return Trim(*trim, location, context);
  if (const auto* grouping = std::get_if<ast::GroupingOperation>(&node)) {
    return Grouping(expression, *grouping, context);
  }
  if (const auto* listagg = std::get_if<ast::Listagg>(&node)) return Listagg(expression, *listagg, context);
  if (const auto* time = std::get_if<ast::CurrentTime>(&node)) return CurrentTime(*time, location);
  if (const auto* session = std::get_if<ast::CurrentSession>(&node)) {
    static constexpr std::string_view kNames[] = {"current_user", "current_catalog", "current_schema"};
    if (session->value != ast::SessionValue::kPath) {
      return Compose(Type::Varchar(), location, {kNames[static_cast<size_t>(session->value)]});
    }
    return Compose(Type::Varchar(), location, {QuoteString(session_.path_text)});
  }
  if (const auto* json = std::get_if<ast::JsonExists>(&node)) return Json(*json, location, context);
  if (const auto* json = std::get_if<ast::JsonValue>(&node)) return Json(*json, location, context);
  if (const auto* json = std::get_if<ast::JsonQuery>(&node)) return Json(*json, location, context);
  if (const auto* json = std::get_if<ast::JsonObject>(&node)) return Json(*json, location, context);
  if (const auto* json = std::get_if<ast::JsonArray>(&node)) return Json(*json, location, context);
  throw NotAnalyzed{location, "this expression"};
}

Typed QueryAnalyzer::CurrentTime(const ast::CurrentTime& time, ErrorLocation location) {
  const int64_t precision = time.precision ? BigintOf(*time.precision).value_or(13) : 3;
  static constexpr Kind kKinds[] = {Kind::kDate, Kind::kTimeWithTimeZone, Kind::kTimestampWithTimeZone,
                                    Kind::kTime, Kind::kTimestamp};
  Type type = Type::Of(kKinds[static_cast<size_t>(time.kind)]);
  if (precision > 12) {
    const bool timestamp = type.Is(Kind::kTimestamp) || type.Is(Kind::kTimestampWithTimeZone);
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
            fmt::format("{} precision must be in range [0, 12]: {}", timestamp ? "TIMESTAMP" : "TIME",
                        *time.precision));
  }
  if (!type.Is(Kind::kDate)) type.precision = static_cast<int32_t>(precision);
  Type instant = Type::Of(Kind::kTimestampWithTimeZone);
  instant.precision = 6;
  const Typed now = Compose(instant, location,
                            {fmt::format("trino_zoned_of_instant(current_timestamp, {})", kSessionZone)});
  return CastTo(now, type, false, location);
}

std::optional<Typed> QueryAnalyzer::FindName(const std::vector<std::string>& name, ErrorLocation location,
                                             const Context& context) {
  const Scope* own = context.scope;
  while (own != nullptr && own->of_lambda) own = own->parent;
  for (const Scope* scope = context.scope; scope != nullptr; scope = scope->parent) {
    const auto matches = scope->Matches(name);
    if (matches.size() > 1) {
      ThrowAt(errors::AMBIGUOUS_NAME, location,
              fmt::format("Column '{}' is ambiguous", fmt::join(name, ".")));
    }
    if (matches.empty()) continue;
    if (!scope->left_of.empty()) {
      ThrowAt(errors::INVALID_COLUMN_REFERENCE, location,
              fmt::format("LATERAL reference not allowed in {} JOIN", scope->left_of));
    }
    if (scope != own && scope->of_join) {
      ThrowAt(errors::NOT_SUPPORTED, location,
              fmt::format("Reference to column '{}' from outer scope not allowed in this context",
                          fmt::join(name, ".")));
    }
    if (context.pattern != nullptr && !scope->of_lambda) {
      if (scope == own) return PatternColumn(*matches[0], std::nullopt, location, context);
      ThrowAt(errors::NOT_SUPPORTED, location,
              fmt::format("Reference to column '{}' from outer scope not allowed in this context",
                          fmt::join(name, ".")));
    }
    references_.push_back({scope, matches[0]->sql});
    Typed column = Compose(matches[0]->type, location, {matches[0]->sql});
    column.constant = false;
    // A column of a query outside is the same for all rows here.
    column.ungrouped = scope == own && !scope->of_lambda;
    return column;
  }
  return std::nullopt;
}

Typed QueryAnalyzer::Name(const std::vector<std::string>& name, ErrorLocation location,
                          const Context& context) {
  if (context.aliases != nullptr && name.size() == 1) {
    const Typed* found = nullptr;
    for (const auto& [alias, value] : *context.aliases) {
      if (alias != name[0]) continue;
      if (found != nullptr && found->sql.text() != value->sql.text()) {
        ThrowAt(errors::AMBIGUOUS_NAME, location, fmt::format("Column '{}' is ambiguous", name[0]));
      }
      found = value;
    }
    if (found != nullptr) return *found;
  }
  if (auto found = FindName(name, location, context)) return std::move(*found);
  ThrowAt(errors::COLUMN_NOT_FOUND, location,
          fmt::format("Column '{}' cannot be resolved", fmt::join(name, ".")));
}

Typed QueryAnalyzer::Dereference(const ast::Dereference& dereference, ErrorLocation location,
                                 const Context& context) {
  std::vector<std::string> name = {NameOf(dereference.field)};
  const ast::Expression* base = dereference.base.get();
  while (const auto* inner = std::get_if<ast::Dereference>(&base->node)) {
    name.insert(name.begin(), NameOf(inner->field));
    base = inner->base.get();
  }
  const auto* first = std::get_if<ast::Identifier>(&base->node);
  if (first != nullptr) {
    name.insert(name.begin(), NameOf(*first));
    if (context.pattern != nullptr) return PatternDereference(*first, name, location, context);
    if (auto found = FindName(name, location, context)) return std::move(*found);
    // Without a row of that name, the whole is what is missing.
    if (!FindName({name[0]}, location, context) &&
        (name.size() < 3 || !FindName({name[0], name[1]}, location, context))) {
      ThrowAt(errors::COLUMN_NOT_FOUND, location,
              fmt::format("Column '{}' cannot be resolved", fmt::join(name, ".")));
    }
  }
  const Typed row = Expression(*dereference.base, context);
  if (!row.type.Is(Kind::kRow)) {
    ThrowAt(errors::TYPE_MISMATCH, dereference.base->location,
            fmt::format("Expression {} is not of type ROW", row.sql.text()));
  }
  const std::string field = NameOf(dereference.field);
  for (size_t i = 0; i < row.type.children.size(); ++i) {
    if (LowerCase(row.type.field_names[i]) != field) continue;
    return FieldOfRow(row, i, location);
  }
  if (first == nullptr) {
    ThrowAt(errors::INVALID_COLUMN_REFERENCE, location,
            fmt::format("Column reference '{}' is invalid", field));
  }
  ThrowAt(errors::COLUMN_NOT_FOUND, location, fmt::format("Column '{}' cannot be resolved", field));
}

Typed QueryAnalyzer::Subscript(const ast::Subscript& subscript, ErrorLocation location,
                               const Context& context) {
  Typed base = Expression(*subscript.base, context);
  Typed index = Expression(*subscript.index, context);
  const Type type = base.type;
  if (type.Is(Kind::kRow)) {
    const auto* number = std::get_if<ast::IntegerLiteral>(&subscript.index->node);
    if (number == nullptr) {
      ThrowAt(errors::EXPRESSION_NOT_CONSTANT, subscript.index->location,
              "Subscript expression on ROW requires a constant index");
    }
    const int64_t position = BigintOf(number->text).value_or(0);
    if (position < 1 || position > static_cast<int64_t>(type.children.size())) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, subscript.index->location,
              position < 1
                  ? "Invalid subscript index: " + std::to_string(position) + ". ROW indices start at 1"
                  : "Subscript index out of bounds: " + std::to_string(position) +
                        ", ROW size: " + std::to_string(type.children.size()));
    }
    return FieldOfRow(base, static_cast<size_t>(position - 1), location);
  }
  const bool array = type.Is(Kind::kArray);
  Type wanted = array ? Type::Of(Kind::kBigint) : type.Is(Kind::kMap) ? type.children[0] : Type();
  // The map's keys become as long as the text.
  if (wanted.Is(Kind::kVarchar) && index.type.Is(Kind::kVarchar))
    wanted = *CommonSuperType(wanted, index.type);
  if (wanted.Is(Kind::kUnknown) || !CanCoerce(index.type, wanted)) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot use {} for subscript of {}", index.type.ToString(), type.ToString()));
  }
  index = Coerce(std::move(index), wanted);
  return Compose(type.children.back(), location, {"trino_subscript(", &base, ", ", &index, ")"});
}

Type QueryAnalyzer::Unify(std::vector<Typed>& values, std::string_view what, ErrorLocation location) {
  Type common;
  std::vector<Type> seen;
  for (const Typed& value : values) {
    if (std::find(seen.begin(), seen.end(), value.type) == seen.end()) seen.push_back(value.type);
  }
  for (const Typed& value : values) {
    const auto next = CommonSuperType(common, value.type);
    if (!next) {
      ThrowAt(
          errors::TYPE_MISMATCH, location,
          fmt::format("All {} must be the same type or coercible to a common type. Cannot find common type "
                      "between {} and {}, all types (without duplicates): [{}]",
                      what, common.ToString(), value.type.ToString(), TypeList(seen)));
    }
    common = *next;
  }
  for (Typed& value : values) value = Coerce(std::move(value), common);
  return common;
}

AnalyzedRelation QueryAnalyzer::OneColumn(const ast::Query& query, ErrorLocation location,
                                          const Context& context) {
  AnalyzedRelation analyzed = Query(query, context.scope, false);
  if (analyzed.columns.size() != 1) {
    ThrowAt(errors::NOT_SUPPORTED, location,
            fmt::format("Multiple columns returned by subquery are not yet supported. Found {}",
                        analyzed.columns.size()));
  }
  return analyzed;
}

Typed QueryAnalyzer::ScalarSubquery(const ast::Query& query, ErrorLocation location, const Context& context) {
  const AnalyzedRelation analyzed = Query(query, context.scope, false);
  RequireJoinable(analyzed.correlation, SubqueryUse::kScalar, true, query.location);
  if (analyzed.columns.size() > 1) return RowSubquery(analyzed, query, location);
  Typed value = Compose(analyzed.columns[0].type, location, {"("});
  value.constant = false;
  value.sql.Append(analyzed.sql);
  value.sql.Append(")");
  return value;
}

Typed QueryAnalyzer::RowSubquery(const AnalyzedRelation& columns, const ast::Query& query,
                                 ErrorLocation location) {
  const std::string name = QuoteName(Unique("row", &query));
  Type row = Type::Of(Kind::kRow);
  std::string fields;
  for (const Field& column : columns.columns) {
    row.children.push_back(column.type);
    row.field_names.push_back(column.name);
    fields += (fields.empty() ? "" : ", ") + name + "." + column.sql;
  }
  std::string nulls;
  for (const Field& column : columns.columns) nulls += (nulls.empty() ? "" : ", ") + NullText(column.type);
  Typed value = Compose(row, location, {"coalesce((SELECT row(", fields, ") FROM ("});
  value.constant = false;
  value.sql.Append(columns.sql);
  // Without a row it is a row of NULLs.
  value.sql.Append(") AS " + name + "), row(" + nulls + "))");
  return value;
}

AnalyzedRelation QueryAnalyzer::RowQuery(AnalyzedRelation query, const std::vector<Type>& types,
                                         const void* node) {
  const std::string name = QuoteName(Unique("row", node));
  std::string fields;
  for (const Field& column : query.columns) fields += (fields.empty() ? "" : ", ") + name + "." + column.sql;
  AnalyzedRelation rows;
  rows.sql.Append("SELECT row(" + fields + ") AS \"row\" FROM (");
  rows.sql.Append(WithCasts(std::move(query), types, node));
  rows.sql.Append(") AS " + name);
  Type row = Type::Of(Kind::kRow);
  row.children = types;
  row.field_names.resize(types.size());
  rows.columns.push_back({{}, "row", row, QuoteName("row")});
  return rows;
}

Typed QueryAnalyzer::Case(const ast::Case& expression, ErrorLocation location, const Context& context) {
  std::vector<Typed> results;
  for (const ast::WhenClause& when : expression.when) results.push_back(Expression(*when.result, context));
  if (expression.otherwise) results.push_back(Expression(*expression.otherwise, context));
  const Type type = Unify(results, "CASE results", location);
  Typed whole = Compose(type, location, {"CASE"});
  for (size_t i = 0; i < expression.when.size(); ++i) {
    const ast::Expression& written = *expression.when[i].condition;
    Typed condition = Expression(written, context);
    if (expression.operand) {
      Typed operand = Expression(*expression.operand, context);
      if (!CommonSuperType(operand.type, condition.type)) {
        ThrowAt(errors::TYPE_MISMATCH, written.location,
                fmt::format("CASE operand type does not match WHEN clause operand type: {} vs {}",
                            operand.type.ToString(), condition.type.ToString()));
      }
      ToCommonType(operand, *expression.operand, condition, written, " = ", location);
      condition = Compose(kBoolean, written.location, {"(", &operand, " = ", &condition, ")"});
    }
    RequireBoolean(condition, "CASE WHEN clause");
    Append(whole, " WHEN ");
    Append(whole, condition);
    Append(whole, " THEN ");
    Append(whole, results[i]);
  }
  if (expression.otherwise) {
    Append(whole, " ELSE ");
    Append(whole, results.back());
  }
  Append(whole, " END");
  return whole;
}

Typed QueryAnalyzer::SpecialForm(const ast::SpecialForm& form, ErrorLocation location,
                                 const Context& context) {
  using FormKind = ast::SpecialForm::Kind;
  std::vector<Typed> values = Expressions(form.arguments, context);
  switch (form.kind) {
    case FormKind::kCoalesce: {
      const Type type = Unify(values, "COALESCE operands", location);
      return Expand(type, location, "coalesce($*)", values);
    }
    case FormKind::kIf: {
      Typed condition = std::move(values[0]);
      RequireBoolean(condition, "IF condition");
      values.erase(values.begin());
      const Type type = Unify(values, "IF results", location);
      if (values.size() == 1) {
        return Compose(type, location, {"CASE WHEN ", &condition, " THEN ", &values[0], " END"});
      }
      return Compose(type, location,
                     {"CASE WHEN ", &condition, " THEN ", &values[0], " ELSE ", &values[1], " END"});
    }
    case FormKind::kNullIf: {
      const Type type = values[0].type;
      const auto common = CommonSuperType(type, values[1].type);
      if (!common) {
        ThrowAt(errors::TYPE_MISMATCH, location,
                fmt::format("Types are not comparable with NULLIF: {} vs {}", type.ToString(),
                            values[1].type.ToString()));
      }
      const Typed first = Coerce(values[0], *common);
      const Typed second = Coerce(values[1], *common);
      const Typed same = common->IsFloat()
                             ? CompareFloats(first, *form.arguments[0], second, *form.arguments[1],
                                             ast::ComparisonOperator::kEqual, " = ", location)
                             : Compose(kBoolean, location, {"(", &first, " = ", &second, ")"});
      return Compose(type, location, {"CASE WHEN ", &same, " THEN NULL ELSE ", &values[0], " END"});
    }
    case FormKind::kTry:
      break;
  }
  return Compose(values[0].type, location, {"TRY(", &values[0], ")"});
}

}  // namespace planaria::sql
