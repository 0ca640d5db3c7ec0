// The SQL/JSON functions. Paths are the kernel's to read (kernel/functions/json_path.h).
#include <fmt/format.h>

#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;

std::string_view Truth(bool value) { return value ? "true" : "false"; }

bool IsJsonText(const ast::JsonValueExpression& value) {
  const auto& node = value.value->node;
  return value.format || std::holds_alternative<ast::JsonQuery>(node) ||
         std::holds_alternative<ast::JsonObject>(node) || std::holds_alternative<ast::JsonArray>(node);
}

}  // namespace

Typed QueryAnalyzer::JsonInput(const ast::JsonPathInvocation& path, const Context& context) {
  const auto format = path.input.format.value_or(ast::JsonFormat::kJson);
  if (!path.passing.empty() || format > ast::JsonFormat::kUtf8) {
    throw NotAnalyzed{path.input.value->location, "this input of a JSON path"};
  }
  Typed input = Expression(*path.input.value, context);
  if (input.type.Is(Kind::kUnknown)) input = Coerce(std::move(input), Type::Varchar());
  if (input.type.Is(Kind::kVarbinary)) {
    return Compose(Type::Varchar(), input.location, {"trino_from_utf8(", &input, ")"});
  }
  if (!input.type.IsText()) {
    ThrowAt(errors::TYPE_MISMATCH, path.input.value->location,
            fmt::format("Cannot read input of type {} as JSON using formatting JSON", input.type.ToString()));
  }
  return CastTo(std::move(input), Type::Varchar(), false, input.location);
}

Typed QueryAnalyzer::JsonReturned(Typed text, const std::optional<ast::JsonReturning>& returning,
                                  ErrorLocation location) {
  if (!returning) return text;
  const Type type = TypeOf(*returning->type);
  if (!type.IsText() && !type.Is(Kind::kVarbinary)) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot output JSON value as {} using formatting JSON", type.ToString()));
  }
  return CastTo(std::move(text), type, false, location);
}

Typed QueryAnalyzer::Json(const ast::JsonExists& exists, ErrorLocation location, const Context& context) {
  const Typed input = JsonInput(exists.path, context);
  return Compose(Type::Of(Kind::kBoolean), location,
                 {"trino_json_exists(", &input, ", ", QuoteString(exists.path.path), ", ",
                  std::to_string(static_cast<int>(exists.on_error)), ")"});
}

Typed QueryAnalyzer::Json(const ast::JsonValue& value, ErrorLocation location, const Context& context) {
  using Behavior = ast::JsonValueBehavior::Kind;
  const Typed input = JsonInput(value.path, context);
  const Type type = value.returning ? TypeOf(*value.returning) : Type::Varchar();
  const auto otherwise = [&](const ast::JsonValueBehavior& behavior) {
    Typed made = Compose(Type(), location, {"NULL"});
    if (behavior.kind == Behavior::kDefault) made = Expression(*behavior.value, context);
    if (!CanCoerce(made.type, type)) {
      ThrowAt(errors::TYPE_MISMATCH, behavior.value->location,
              fmt::format("Function JSON_VALUE default result must evaluate to a {} (actual: {})",
                          type.ToString(), made.type.ToString()));
    }
    return Coerce(std::move(made), type);
  };
  const Typed empty = otherwise(value.on_empty);
  const Typed error = otherwise(value.on_error);
  const bool fails = value.on_error.kind == Behavior::kError;
  const std::string found = QuoteName(Unique("found", &value));
  const Typed text = Compose(Type::Varchar(), location, {found, "[1]"});
  const Typed cast = CastTo(text, type, !fails, location);
  const Typed result = fails ? cast : Compose(type, location, {"coalesce(", &cast, ", ", &error, ")"});
  return Compose(type, location,
                 {"CASE WHEN ",
                  &input,
                  " IS NULL THEN NULL ELSE list_transform([trino_json_value(",
                  &input,
                  ", ",
                  QuoteString(value.path.path),
                  ", ",
                  Truth(value.on_empty.kind == Behavior::kError),
                  ", ",
                  Truth(fails),
                  ")], lambda ",
                  found,
                  ": CASE WHEN ",
                  found,
                  " IS NULL THEN ",
                  &error,
                  " WHEN len(",
                  found,
                  ") = 0 THEN ",
                  &empty,
                  " WHEN ",
                  &text,
                  " IS NULL THEN NULL ELSE ",
                  &result,
                  " END)[1] END"});
}

Typed QueryAnalyzer::Json(const ast::JsonQuery& query, ErrorLocation location, const Context& context) {
  const Typed input = JsonInput(query.path, context);
  const auto number = [](auto alternative) { return std::to_string(static_cast<int>(alternative)); };
  Typed text = Compose(Type::Varchar(), location,
                       {"trino_json_query(", &input, ", ", QuoteString(query.path.path), ", ",
                        number(query.wrapper), ", ", Truth(query.quotes == ast::JsonQuotes::kOmit), ", ",
                        number(query.on_empty), ", ", number(query.on_error), ")"});
  return JsonReturned(std::move(text), query.returning, location);
}

Typed QueryAnalyzer::JsonText(const ast::JsonValueExpression& expression, const Context& context) {
  Typed value = Expression(*expression.value, context);
  const ErrorLocation location = expression.value->location;
  if (IsJsonText(expression)) {
    value = CastTo(std::move(value), Type::Varchar(), false, location);
    return Compose(Type::Varchar(), location, {"CAST(trino_json_extract(", &value, ", '$') AS VARCHAR)"});
  }
  const bool plain = value.type.IsNumber() || value.type.IsText() || value.type.Is(Kind::kBoolean) ||
                     value.type.Is(Kind::kUnknown) || value.type.Is(Kind::kJson);
  if (value.type.Is(Kind::kUnknown) || !plain)
    value = CastTo(std::move(value), Type::Varchar(), false, location);
  value = CastTo(std::move(value), Type::Of(Kind::kJson), false, location);
  return Compose(Type::Varchar(), location, {"CAST(", &value, " AS VARCHAR)"});
}

Typed QueryAnalyzer::Json(const ast::JsonObject& object, ErrorLocation location, const Context& context) {
  if (object.unique_keys) throw NotAnalyzed{location, "WITH UNIQUE KEYS"};
  std::vector<Typed> members;
  for (const ast::JsonMember& member : object.members) {
    Typed key = Expression(*member.key, context);
    if (!key.type.IsText()) {
      ThrowAt(
          errors::INVALID_FUNCTION_ARGUMENT, member.key->location,
          fmt::format("Invalid argument of function json_object: key must be a character string (actual: {})",
                      key.type.ToString()));
    }
    key = CastTo(std::move(key), Type::Varchar(), false, location);
    const Typed value = JsonText(member.value, context);
    // What is NULL as a whole is left out.
    members.push_back(Compose(
        Type::Varchar(), location,
        {"(CAST(trino_cast_to_json(", &key, ") AS VARCHAR) || ':' || ",
         object.null_on_null ? "coalesce(" : "(", &value, object.null_on_null ? ", 'null'))" : "))"}));
  }
  Typed text = members.empty()
                   ? Compose(Type::Varchar(), location, {"'{}'"})
                   : Expand(Type::Varchar(), location, "('{' || concat_ws(',', $*) || '}')", members);
  return JsonReturned(std::move(text), object.returning, location);
}

Typed QueryAnalyzer::Json(const ast::JsonArray& array, ErrorLocation location, const Context& context) {
  std::vector<Typed> elements;
  for (const ast::JsonValueExpression& element : array.elements) {
    Typed value = JsonText(element, context);
    if (array.null_on_null) value = Compose(value.type, location, {"coalesce(", &value, ", 'null')"});
    elements.push_back(std::move(value));
  }
  Typed text = elements.empty()
                   ? Compose(Type::Varchar(), location, {"'[]'"})
                   : Expand(Type::Varchar(), location, "('[' || concat_ws(',', $*) || ']')", elements);
  return JsonReturned(std::move(text), array.returning, location);
}

}  // namespace planaria::sql
