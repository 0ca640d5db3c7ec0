// Functions of arrays and maps that take lambda expressions.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;

const Type kBoolean = Type::Of(Kind::kBoolean);

struct LambdaFunction {
  std::string_view name;
  /// `a` an array, `m` a map, `x` any value, `1` to `3` a lambda of that many parameters.
  std::string_view arguments;
};
constexpr LambdaFunction kFunctions[] = {
    {"reduce_agg", "xx22"},     {"transform", "a1"},       {"filter", "a1"},     {"any_match", "a1"},
    {"all_match", "a1"},        {"none_match", "a1"},      {"reduce", "ax21"},   {"zip_with", "aa2"},
    {"map_filter", "m2"},       {"regexp_replace", "xx1"}, {"array_sort", "a2"}, {"transform_keys", "m2"},
    {"transform_values", "m2"}, {"map_zip_with", "mm3"}};

const LambdaFunction* Find(std::string_view name) {
  for (const LambdaFunction& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

bool IsLambda(const ast::ExpressionPtr& expression) {
  return std::holds_alternative<ast::Lambda>(expression->node);
}

Type MapOf(Type key, Type value) {
  Type map = Type::Of(Kind::kMap);
  map.children = {std::move(key), std::move(value)};
  return map;
}

/// What a lambda returns that has to be true or false.
void RequireCondition(std::string_view name, Typed& body, ErrorLocation location) {
  if (!body.type.Is(Kind::kBoolean) && !body.type.Is(Kind::kUnknown)) {
    ThrowAt(
        errors::FUNCTION_NOT_FOUND, location,
        fmt::format("Unexpected parameters (<function>) for function {}: its lambda expression returns {}",
                    name, body.type.ToString()));
  }
  body = Coerce(std::move(body), kBoolean);
}

/// The field of a row of the kernel that no client sees.
std::string FieldOf(std::string_view row, int position) {
  return fmt::format("struct_extract_at({}, {})", row, position);
}

}  // namespace

bool QueryAnalyzer::TakesLambda(const ast::FunctionCall& call) {
  return call.name.parts.size() == 1 && Find(NameOf(call.name.parts[0])) != nullptr &&
         std::any_of(call.arguments.begin(), call.arguments.end(), IsLambda);
}

std::string QueryAnalyzer::LambdaVariable(const ast::Lambda& written, size_t parameter) {
  std::string text = Format(*written.body);
  for (const ast::Identifier& name : written.parameters) text = NameOf(name) + "," + text;
  const ast::Lambda& lambda = *lambdas_.emplace(std::move(text), &written).first->second;
  return QuoteName(Unique(parameter < lambda.parameters.size() ? NameOf(lambda.parameters[parameter]) : "row",
                          parameter < lambda.parameters.size()
                              ? static_cast<const void*>(&lambda.parameters[parameter])
                              : static_cast<const void*>(&lambda)));
}

Typed QueryAnalyzer::LambdaBody(const ast::Lambda& lambda, const std::vector<Type>& types,
                                const std::vector<std::string>& values, const Context& context) {
  Scope scope;
  scope.parent = context.scope;
  scope.of_lambda = true;
  for (size_t i = 0; i < types.size(); ++i) {
    scope.fields.push_back({{}, NameOf(lambda.parameters[i]), types[i], values[i]});
  }
  Context inside = context;
  inside.scope = &scope;
  return Expression(*lambda.body, inside);
}

Typed QueryAnalyzer::LambdaCall(const ast::Expression& expression, const ast::FunctionCall& call,
                                const Context& context) {
  const ErrorLocation location = expression.location;
  const std::string name = NameOf(call.name.parts[0]);
  const std::string_view arguments = Find(name)->arguments;
  std::vector<Typed> values;
  std::vector<const ast::Lambda*> lambdas;
  bool fits = call.arguments.size() == arguments.size();
  for (size_t i = 0; i < call.arguments.size() && fits; ++i) {
    const auto* lambda = std::get_if<ast::Lambda>(&call.arguments[i]->node);
    if (lambda != nullptr) {
      fits = arguments[i] >= '1' && arguments[i] <= '3';
      lambdas.push_back(lambda);
      if (fits && lambda->parameters.size() != static_cast<size_t>(arguments[i] - '0')) {
        ThrowAt(errors::INVALID_ARGUMENTS, call.arguments[i]->location,
                fmt::format("Expected a lambda that takes {} argument(s) but got {}", arguments[i],
                            lambda->parameters.size()));
      }
      continue;
    }
    values.push_back(Expression(*call.arguments[i], context));
    const Type& type = values.back().type;
    fits = arguments[i] == 'x' || (arguments[i] == 'a' && type.Is(Kind::kArray)) ||
           (arguments[i] == 'm' && type.Is(Kind::kMap));
  }
  if (!fits) {
    ThrowAt(errors::FUNCTION_NOT_FOUND, location, fmt::format("Unexpected parameters for function {}", name));
  }
  if (name == "reduce_agg") {
    if (call.distinct || call.filter || call.window || !call.order_by.empty()) {
      throw NotAnalyzed{location, "this form of reduce_agg"};
    }
    // What is reduced are the values that are not NULL, as a list.
    values[0] = Compose(Type::Array(values[0].type), location,
                        {"list(", &values[0], ") FILTER (WHERE ", &values[0], " IS NOT NULL)"});
    values[0].constant = values[0].ungrouped = false;
    values[0].aggregates = {&expression};
    return Reduce(values, *lambdas[0], nullptr, location, context);
  }
  if (name == "reduce") return Reduce(values, *lambdas[0], lambdas[1], location, context);
  if (name == "regexp_replace") return ReplaceMatches(values, *lambdas[0], location, context);
  if (values[0].type.Is(Kind::kMap)) return LambdaOverMap(name, values, *lambdas[0], location, context);
  return LambdaOverArray(name, values, *lambdas[0], location, context);
}

Typed QueryAnalyzer::ReplaceMatches(std::vector<Typed>& values, const ast::Lambda& lambda,
                                    ErrorLocation location, const Context& context) {
  const Type text = Type::Varchar();
  const std::string groups = LambdaVariable(lambda, 0);
  const Typed body = LambdaBody(lambda, {Type::Array(text)}, {groups}, context);
  if (!CanCoerce(values[0].type, text) || !CanCoerce(values[1].type, text) || !body.type.Is(Kind::kVarchar)) {
    ThrowAt(errors::FUNCTION_NOT_FOUND, location,
            fmt::format("Unexpected parameters ({}, {}, <function>) for function regexp_replace",
                        values[0].type.ToString(), values[1].type.ToString()));
  }
  for (Typed& value : values) value = Coerce(std::move(value), text);
  return Compose(text, location,
                 {"trino_regexp_joined(trino_regexp_split(", &values[0], ", ", &values[1],
                  "), list_transform(trino_regexp_groups(", &values[0], ", ", &values[1], "), lambda ",
                  groups, ": ", &body, "))"});
}

Typed QueryAnalyzer::LambdaOverArray(const std::string& name, std::vector<Typed>& values,
                                     const ast::Lambda& lambda, ErrorLocation location,
                                     const Context& context) {
  const Type array = values[0].type;
  const Type element = array.children[0];
  const std::string first = LambdaVariable(lambda, 0);
  if (name == "zip_with") {
    const std::string row = LambdaVariable(lambda, lambda.parameters.size());
    const Typed body = LambdaBody(lambda, {element, values[1].type.children[0]},
                                  {FieldOf(row, 1), FieldOf(row, 2)}, context);
    return Compose(
        Type::Array(body.type), location,
        {"CASE WHEN ", &values[0], " IS NULL OR ", &values[1], " IS NULL THEN NULL ELSE ",
         "list_transform(list_zip(", &values[0], ", ", &values[1], "), lambda ", row, ": ", &body, ") END"});
  }
  if (name == "array_sort") {
    // Element after element goes behind those that are not larger.
    const std::string one = LambdaVariable(lambda, 1);
    const std::string sorted = LambdaVariable(lambda, lambda.parameters.size());
    Typed order = LambdaBody(lambda, {element, element}, {first, one + "[1]"}, context);
    if (!CanCoerce(order.type, Type::Of(Kind::kInteger))) {
      ThrowAt(errors::TYPE_MISMATCH, lambda.body->location,
              fmt::format("Expected a lambda that returns integer but got {}", order.type.ToString()));
    }
    order = Compose(Type::Of(Kind::kBigint), order.location,
                    {"trino_checked_order(coalesce(CAST(", &order, " AS BIGINT), 2))"});
    const std::string of_sorted = fmt::format("list_filter({}, lambda {}: (", sorted, first);
    return Compose(array, location,
                   {"list_reduce(list_transform(",
                    &values[0],
                    ", lambda ",
                    first,
                    ": [",
                    first,
                    "]), lambda ",
                    sorted,
                    ", ",
                    one,
                    ": list_concat(list_concat(",
                    of_sorted,
                    &order,
                    ") <= 0), ",
                    one,
                    "), ",
                    of_sorted,
                    &order,
                    ") > 0)), CAST([] AS ",
                    StorageName(array),
                    "))"});
  }
  Typed body = LambdaBody(lambda, {element}, {first}, context);
  if (name == "transform") {
    const Type result = Type::Array(body.type);
    return Compose(result, location, {"list_transform(", &values[0], ", lambda ", first, ": ", &body, ")"});
  }
  RequireCondition(name, body, location);
  if (name == "filter") {
    return Compose(array, location, {"list_filter(", &values[0], ", lambda ", first, ": ", &body, ")"});
  }
  const bool all = name == "all_match";
  const std::string left = QuoteName("left"), right = QuoteName("right");
  return Compose(kBoolean, location,
                 {name == "none_match" ? "(NOT " : "(", "list_reduce(list_transform(", &values[0],
                  ", lambda ", first, ": ", &body, "), lambda ", left, ", ", right, ": ", left,
                  all ? " AND " : " OR ", right, all ? ", true))" : ", false))"});
}

Typed QueryAnalyzer::LambdaOverMap(const std::string& name, std::vector<Typed>& values,
                                   const ast::Lambda& lambda, ErrorLocation location,
                                   const Context& context) {
  const Type map = values[0].type;
  const std::string row = LambdaVariable(lambda, lambda.parameters.size());
  if (name == "map_zip_with") {
    const auto key = CommonSuperType(map.children[0], values[1].type.children[0]);
    if (!key) {
      ThrowAt(errors::FUNCTION_NOT_FOUND, location, "Unexpected parameters for function map_zip_with");
    }
    for (Typed& value : values) value = Coerce(value, MapOf(*key, value.type.children[1]));
    const std::string variable = LambdaVariable(lambda, 0);
    const Typed at = Compose(*key, location, {variable});
    const Typed left = Compose(map.children[1], location, {"trino_element_at(", &values[0], ", ", &at, ")"});
    const Typed right =
        Compose(values[1].type.children[1], location, {"trino_element_at(", &values[1], ", ", &at, ")"});
    const Typed body = LambdaBody(lambda, {*key, left.type, right.type},
                                  {variable, left.sql.text(), right.sql.text()}, context);
    return Compose(
        MapOf(*key, body.type), location,
        {"trino_map_from_entries(list_transform(trino_array_union(map_keys(", &values[0], "), map_keys(",
         &values[1], ")), lambda ", variable, ": row(", variable, ", ", &body, ")))"});
  }
  Typed body =
      LambdaBody(lambda, {map.children[0], map.children[1]}, {FieldOf(row, 1), FieldOf(row, 2)}, context);
  if (name == "map_filter") {
    RequireCondition(name, body, location);
    return Compose(map, location,
                   {"trino_map_from_entries(list_filter(map_entries(", &values[0], "), lambda ", row, ": ",
                    &body, "))"});
  }
  const bool keys = name == "transform_keys";
  const Typed key = keys ? body : Compose(map.children[0], location, {FieldOf(row, 1)});
  const Typed value = keys ? Compose(map.children[1], location, {FieldOf(row, 2)}) : body;
  return Compose(MapOf(key.type, value.type), location,
                 {"trino_map_from_entries(list_transform(map_entries(", &values[0], "), lambda ", row,
                  ": row(", &key, ", ", &value, ")))"});
}

/// The kernel reduces a list to a value like its elements: these are rows of a state and an element.
Typed QueryAnalyzer::Reduce(std::vector<Typed>& values, const ast::Lambda& step, const ast::Lambda* output,
                            ErrorLocation location, const Context& context) {
  const Type element = values[0].type.children[0];
  const std::string state = LambdaVariable(step, 0), next = LambdaVariable(step, 1);
  Type type = values[1].type;
  Typed body = LambdaBody(step, {type, element}, {FieldOf(state, 1), FieldOf(next, 2)}, context);
  if (type.Is(Kind::kUnknown)) {
    type = body.type;
    body = LambdaBody(step, {type, element}, {FieldOf(state, 1), FieldOf(next, 2)}, context);
  }
  if (type != body.type && CanCoerce(type, body.type)) {
    type = body.type;
    body = LambdaBody(step, {type, element}, {FieldOf(state, 1), FieldOf(next, 2)}, context);
  }
  const bool narrower = type.IsNumber() && body.type.IsNumber() && type != body.type;
  if (narrower || !CanCoerce(body.type, type)) {
    ThrowAt(
        errors::FUNCTION_NOT_FOUND, step.body->location,
        fmt::format("Expected a lambda that returns {} but got {}", type.ToString(), body.type.ToString()));
  }
  body = Coerce(std::move(body), type);
  const Typed initial = Coerce(values[1], type);
  const std::string row = LambdaVariable(step, step.parameters.size());
  const std::string no_element = element.Is(Kind::kUnknown) ? "CAST(NULL AS INTEGER)" : NullText(element);
  const std::string no_state = NullText(type);
  const Typed reduced = Compose(type, location,
                                {"struct_extract_at(list_reduce(list_transform(",
                                 &values[0],
                                 ", lambda ",
                                 row,
                                 ": row(",
                                 no_state,
                                 ", ",
                                 row,
                                 ")), lambda ",
                                 state,
                                 ", ",
                                 next,
                                 ": row(",
                                 &body,
                                 ", ",
                                 no_element,
                                 "), row(",
                                 &initial,
                                 ", ",
                                 no_element,
                                 ")), 1)"});
  if (output == nullptr) return reduced;
  const std::string result = LambdaVariable(*output, 0);
  const Typed end = LambdaBody(*output, {type}, {result}, context);
  return Compose(end.type, location,
                 {"CASE WHEN ", &values[0], " IS NULL THEN NULL ELSE list_transform([", &reduced,
                  "], lambda ", result, ": ", &end, ")[1] END"});
}

}  // namespace planaria::sql
