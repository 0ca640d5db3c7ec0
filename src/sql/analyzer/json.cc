// The SQL/JSON functions. Paths are the kernel's to read (kernel/functions/json_path.h).
#include <fmt/format.h>

#include <set>

#include "sql/analyzer/json_paths.h"
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

std::string_view BitsOf(ast::JsonFormat format) { return format == ast::JsonFormat::kUtf16 ? "16" : "32"; }

}  // namespace

Typed QueryAnalyzer::JsonInput(const ast::JsonPathInvocation& path, const Context& context) {
  const auto format = path.input.format.value_or(ast::JsonFormat::kJson);
  Typed input = Expression(*path.input.value, context);
  const ErrorLocation location = path.input.value->location;
  if (input.type.Is(Kind::kUnknown)) input = Coerce(std::move(input), Type::Varchar());
  if (input.type.Is(Kind::kVarbinary)) {
    if (format > ast::JsonFormat::kUtf8) {
      return Compose(Type::Varchar(), input.location,
                     {"trino_json_decoded(", &input, ", ", BitsOf(format), ")"});
    }
    return Compose(Type::Varchar(), input.location, {"trino_from_utf8(", &input, ")"});
  }
  if (!input.type.IsText()) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot read input of type {} as JSON using formatting JSON", input.type.ToString()));
  }
  return CastTo(std::move(input), Type::Varchar(), false, input.location);
}

Typed QueryAnalyzer::JsonPassed(const ast::JsonPathInvocation& path, const Context& context) {
  std::vector<std::string> names;
  std::vector<Typed> members;
  for (const ast::JsonPassing& passing : path.passing) {
    names.push_back(CanonicalName(passing.name));
    const Typed value = JsonText(passing.value, "", path.location, context);
    // A NULL is a null; one that is read as JSON is no value at all, and concat_ws leaves it out.
    const bool read = passing.value.format.has_value();
    const std::string key = QuoteString(JsonString(names.back()) + ":");
    members.push_back(
        read ? Compose(Type::Varchar(), value.location, {"(", key, " || ", &value, ")"})
             : Compose(Type::Varchar(), value.location, {"(", key, " || coalesce(", &value, ", 'null'))"}));
  }
  CheckJsonPath(path.path, path.path_location, names);
  if (members.empty()) return Compose(Type::Varchar(), path.location, {"'{}'"});
  return Expand(Type::Varchar(), path.location, "('{' || concat_ws(',', $*) || '}')", members);
}

Typed QueryAnalyzer::JsonReturned(Typed text, const std::optional<ast::JsonReturning>& returning,
                                  ErrorLocation location) {
  if (!returning) return text;
  return JsonOutput(std::move(text), TypeOf(*returning->type),
                    returning->format.value_or(ast::JsonFormat::kJson), location);
}

Typed QueryAnalyzer::JsonOutput(Typed text, const Type& type, ast::JsonFormat format,
                                ErrorLocation location) {
  if (!type.IsText() && !type.Is(Kind::kVarbinary)) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot output JSON value as {} using formatting JSON", type.ToString()));
  }
  if (type.Is(Kind::kVarbinary) && format > ast::JsonFormat::kUtf8) {
    return Compose(type, location, {"trino_json_encoded(", &text, ", ", BitsOf(format), ")"});
  }
  return CastTo(std::move(text), type, false, location);
}

Typed QueryAnalyzer::Json(const ast::JsonExists& exists, ErrorLocation location, const Context& context) {
  const Typed input = JsonInput(exists.path, context);
  const Typed passing = JsonPassed(exists.path, context);
  return Compose(Type::Of(Kind::kBoolean), location,
                 {"trino_json_exists(", &input, ", ", QuoteString(exists.path.path), ", ", &passing, ", ",
                  std::to_string(static_cast<int>(exists.on_error)), ")"});
}

Typed QueryAnalyzer::Json(const ast::JsonValue& value, ErrorLocation location, const Context& context) {
  const Typed input = JsonInput(value.path, context);
  const Type type = value.returning ? TypeOf(*value.returning) : Type::Varchar();
  return JsonValueOf(input, JsonPassed(value.path, context), value.path.path, type, value.on_empty,
                     value.on_error, location, &value, context);
}

Typed QueryAnalyzer::JsonValueOf(const Typed& input, const Typed& passing, const std::string& path,
                                 const Type& type, const ast::JsonValueBehavior& on_empty,
                                 const ast::JsonValueBehavior& on_error, ErrorLocation location,
                                 const void* node, const Context& context) {
  using Behavior = ast::JsonValueBehavior::Kind;
  const auto otherwise = [&](const ast::JsonValueBehavior& behavior, std::string_view when) {
    Typed made = Compose(Type(), location, {"NULL"});
    if (behavior.kind == Behavior::kDefault) made = Expression(*behavior.value, context);
    if (!CanCoerce(made.type, type)) {
      ThrowAt(errors::TYPE_MISMATCH, behavior.value->location,
              fmt::format("Function JSON_VALUE default {} result must evaluate to a {} (actual: {})", when,
                          type.ToString(), made.type.ToString()));
    }
    return Coerce(std::move(made), type);
  };
  const Typed empty = otherwise(on_empty, "ON EMPTY");
  Typed error = otherwise(on_error, "ON ERROR");
  const bool fails = on_error.kind == Behavior::kError;
  const std::string found = QuoteName(Unique("found", node));
  const Typed text = Compose(Type::Varchar(), location, {found, "[1]"});
  if (fails) {
    const Typed failure = Compose(Type::Varchar(), location,
                                  {"trino_json_no_value(", &text, ", ", QuoteString(type.ToString()), ")"});
    error = Compose(type, location, {"CAST(", &failure, " AS ", StorageName(type), ")"});
  }
  Typed result = CastTo(text, type, true, location);
  if (type.IsInteger() || type.Is(Kind::kDecimal)) {
    // A number with a fraction is a double, and rounded.
    const Type real = Type::Of(Kind::kDouble);
    const Typed rounded = CastTo(CastTo(text, real, true, location), type, true, location);
    result = Compose(type, location,
                     {"CASE WHEN len(", found, ") > 1 THEN ", &rounded, " ELSE ", &result, " END"});
  }
  return Compose(type, location,
                 {"CASE WHEN ",
                  &input,
                  " IS NULL THEN NULL ELSE list_transform([trino_json_value(",
                  &input,
                  ", ",
                  QuoteString(path),
                  ", ",
                  &passing,
                  ", ",
                  Truth(on_empty.kind == Behavior::kError),
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
                  " IS NULL THEN NULL ELSE coalesce(",
                  &result,
                  ", ",
                  &error,
                  ") END)[1] END"});
}

Typed QueryAnalyzer::Json(const ast::JsonQuery& query, ErrorLocation location, const Context& context) {
  const Typed input = JsonInput(query.path, context);
  return JsonReturned(JsonQueryOf(input, JsonPassed(query.path, context), query.path.path, query.wrapper,
                                  query.quotes, query.on_empty, query.on_error, location),
                      query.returning, location);
}

Typed QueryAnalyzer::JsonQueryOf(const Typed& input, const Typed& passing, const std::string& path,
                                 ast::JsonWrapper wrapper, ast::JsonQuotes quotes,
                                 ast::JsonQueryBehavior on_empty, ast::JsonQueryBehavior on_error,
                                 ErrorLocation location) {
  const auto number = [](auto alternative) { return std::to_string(static_cast<int>(alternative)); };
  return Compose(
      Type::Varchar(), location,
      {"trino_json_query(", &input, ", ", QuoteString(path), ", ", &passing, ", ", number(wrapper), ", ",
       Truth(quotes == ast::JsonQuotes::kOmit), ", ", number(on_empty), ", ", number(on_error), ")"});
}

Typed QueryAnalyzer::JsonText(const ast::JsonValueExpression& expression, std::string_view function,
                              ErrorLocation call, const Context& context) {
  Typed value = Expression(*expression.value, context);
  const ErrorLocation location = expression.value->location;
  if (value.type.IsSketch() && !function.empty()) {
    ThrowAt(
        errors::NOT_SUPPORTED, call,
        fmt::format("Unsupported type of value passed to {} function: {}", function, value.type.ToString()));
  }
  if (IsJsonText(expression)) {
    value = CastTo(std::move(value), Type::Varchar(), false, location);
    return Compose(Type::Varchar(), location, {"trino_json_formatted(", &value, ")"});
  }
  const bool plain = value.type.IsNumber() || value.type.IsText() || value.type.Is(Kind::kBoolean) ||
                     value.type.Is(Kind::kUnknown) || value.type.Is(Kind::kJson);
  if (value.type.Is(Kind::kUnknown) || !plain)
    value = CastTo(std::move(value), Type::Varchar(), false, location);
  value = CastTo(std::move(value), Type::Of(Kind::kJson), false, location);
  return Compose(Type::Varchar(), location, {"CAST(", &value, " AS VARCHAR)"});
}

Typed QueryAnalyzer::Json(const ast::JsonObject& object, ErrorLocation location, const Context& context) {
  std::vector<Typed> members, keys;
  std::set<std::string> written;
  for (const ast::JsonMember& member : object.members) {
    Typed key = Expression(*member.key, context);
    if (!key.type.IsText()) {
      ThrowAt(
          errors::INVALID_FUNCTION_ARGUMENT, member.key->location,
          fmt::format("Invalid argument of function json_object: key must be a character string (actual: {})",
                      key.type.ToString()));
    }
    if (object.unique_keys && member.value.format) {
      ThrowAt(errors::NOT_SUPPORTED, location,
              "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input expression has "
              "FORMAT");
    }
    key = CastTo(std::move(key), Type::Varchar(), false, location);
    keys.push_back(key);
    if (const auto* text = std::get_if<ast::StringLiteral>(&member.key->node)) written.insert(text->value);
    const Typed value = JsonText(member.value, "JSON_OBJECT", location, context);
    // What is NULL as a whole is left out.
    members.push_back(Compose(
        Type::Varchar(), location,
        {"(CAST(trino_cast_to_json(", &key, ") AS VARCHAR) || ':' || ",
         object.null_on_null ? "coalesce(" : "(", &value, object.null_on_null ? ", 'null'))" : "))"}));
  }
  Typed text = members.empty()
                   ? Compose(Type::Varchar(), location, {"'{}'"})
                   : Expand(Type::Varchar(), location, "('{' || concat_ws(',', $*) || '}')", members);
  if (written.size() != keys.size()) {
    const Typed list = Expand(Type::Array(Type::Varchar()), location, "[$*]", keys);
    text = Compose(
        Type::Varchar(), location,
        {"CASE WHEN trino_json_keys(", &list, ", ", Truth(object.unique_keys), ") THEN ", &text, " END"});
  }
  return JsonReturned(std::move(text), object.returning, location);
}

Typed QueryAnalyzer::Json(const ast::JsonArray& array, ErrorLocation location, const Context& context) {
  std::vector<Typed> elements;
  for (const ast::JsonValueExpression& element : array.elements) {
    Typed value = JsonText(element, "JSON_ARRAY", location, context);
    if (array.null_on_null) value = Compose(value.type, location, {"coalesce(", &value, ", 'null')"});
    elements.push_back(std::move(value));
  }
  Typed text = elements.empty()
                   ? Compose(Type::Varchar(), location, {"'[]'"})
                   : Expand(Type::Varchar(), location, "('[' || concat_ws(',', $*) || ']')", elements);
  return JsonReturned(std::move(text), array.returning, location);
}

}  // namespace planaria::sql
