// Calls of functions, and the functions that have a syntax of their own.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/time_casts.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/functions/function_list.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;

const Type kBigint = Type::Of(Kind::kBigint);

/// Of values whose kernel type has nothing beside its name.
bool IsPlainArray(const Type& type) {
  if (!type.Is(Kind::kArray)) return false;
  const Type& element = type.children[0];
  return IsPlainArray(element) || element.IsNumber() || element.Is(Kind::kBoolean) ||
         element.Is(Kind::kVarchar) || element.Is(Kind::kDate);
}

std::vector<Type> TypesOf(const std::vector<Typed>& values) {
  std::vector<Type> types;
  for (const Typed& value : values) types.push_back(value.type);
  return types;
}

void CoerceAll(std::vector<Typed>& values, const std::vector<Type>& types) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = Coerce(std::move(values[i]), types[i]);
}

/// The table's patterns are for times and timestamps that the kernel has types of.
void UseFinePattern(std::string_view name, ResolvedFunction& function) {
  const auto fine = std::find_if(function.arguments.begin(), function.arguments.end(), IsFine);
  if (fine == function.arguments.end()) return;
  if (auto pattern = FinePattern(name, *fine)) function.pattern = std::move(*pattern);
}

/// Of a function that only compares values: those with a time zone are compared without it.
void CompareByInstant(std::vector<Typed>& values) {
  for (Typed& value : values) {
    const bool list = value.type.Is(Kind::kArray) && IsZoned(value.type.children[0]);
    if (!list && !IsZoned(value.type)) continue;
    value = Compose(value.type, value.location,
                    {list ? "trino_nested_moment_key(" : "trino_moment_key(", &value, ")"});
  }
}

/// Types whose overloads the table has.
bool IsPlain(const Type& type) {
  if (!type.children.empty()) return std::all_of(type.children.begin(), type.children.end(), IsPlain);
  return !type.Is(Kind::kTime) && !type.Is(Kind::kTimeWithTimeZone) &&
         !type.Is(Kind::kTimestampWithTimeZone) && !type.IsInterval();
}

/// The letters of a format's directives, in the order in which they take arguments; none when some name
/// theirs by number.
std::vector<char> Directives(std::string_view format) {
  std::vector<char> letters;
  for (size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%', at + 1)) {
    at = format.find_first_not_of("-#+ 0,(.123456789", at + 1);
    if (at == std::string_view::npos) break;
    if (format[at] == '$') return {};
    if (format[at] != '%' && format[at] != 'n') letters.push_back(format[at]);
  }
  return letters;
}

bool HoldsFloats(const Type& type) {
  return type.IsFloat() || std::any_of(type.children.begin(), type.children.end(), HoldsFloats);
}

bool IsLambda(const ast::ExpressionPtr& argument) {
  return std::holds_alternative<ast::Lambda>(argument->node);
}

/// What only calls of aggregate and window functions have.
void RequireScalar(const ast::FunctionCall& call, const std::string& name, ErrorLocation location) {
  if (call.window) {
    ThrowAt(errors::FUNCTION_NOT_WINDOW, location, fmt::format("Not a window function: {}", name));
  }
  if (call.distinct) {
    ThrowAt(errors::FUNCTION_NOT_AGGREGATE, location,
            "DISTINCT is not supported for non-aggregation functions");
  }
}

/// Trino's own functions have no other place.
bool IsBuiltin(const ast::QualifiedName& name) {
  const std::vector<std::string> parts = PartsOf(name);
  return parts.size() == 1 || (parts.size() == 3 && parts[0] == "system" && parts[1] == "builtin");
}

ResolvedFunction Choose(const std::string& name, const std::vector<Type>& types, ErrorLocation location) {
  if (auto function = Resolve(name, types)) return std::move(*function);
  if (!std::all_of(types.begin(), types.end(), IsPlain) || !TakesArguments(name, types.size())) {
    throw NotAnalyzed{location, "this overload of " + name};
  }
  ThrowAt(errors::FUNCTION_NOT_FOUND, location,
          fmt::format("Unexpected parameters ({}) for function {}. Expected: {}", TypeList(types), name,
                      Overloads(name)));
}

}  // namespace

Typed QueryAnalyzer::Call(const ast::Expression& expression, const ast::FunctionCall& call,
                          const Context& context) {
  const ErrorLocation location = expression.location;
  if (context.pattern != nullptr) {
    if (auto value = PatternCall(expression, call, context)) return std::move(*value);
  } else if (call.star_label) {
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, call.star_label->location,
            "label.* syntax is only supported as the only argument of row pattern count function");
  } else if (call.mode != ast::ProcessingMode::kUnsaid) {
    ThrowAt(errors::INVALID_PROCESSING_MODE, location,
            fmt::format("{} semantics is not supported out of pattern recognition context",
                        call.mode == ast::ProcessingMode::kFinal ? "FINAL" : "RUNNING"));
  }
  const std::string name = NameOf(call.name.parts.back());
  if (TakesLambda(call)) return LambdaCall(expression, call, context);
  std::vector<Typed> arguments;
  if (MayBeRoutine(call.name) && std::none_of(call.arguments.begin(), call.arguments.end(), IsLambda)) {
    arguments = Expressions(call.arguments, context);
    if (auto routine = RoutineCall(call.name, arguments, location)) {
      RequireScalar(call, name, location);
      return std::move(*routine);
    }
  }
  if (!IsBuiltin(call.name)) {
    ThrowAt(errors::FUNCTION_NOT_FOUND, location,
            fmt::format("Function '{}' not registered", DottedName(call.name)));
  }
  if (name == "format" && call.arguments.size() > 1) return FormatCall(call, location, context);
  if (!IsDeterministic(name)) deterministic_ = false;
  if (!HasFunction(name)) {
    if (IsKnownToTrino(name)) throw NotAnalyzed{location, "the function " + name};
    ThrowAt(errors::FUNCTION_NOT_FOUND, location, fmt::format("Function '{}' not registered", name));
  }
  if (std::any_of(call.arguments.begin(), call.arguments.end(), IsLambda)) {
    ThrowAt(errors::FUNCTION_NOT_FOUND, location,
            fmt::format("Unexpected parameters (<function>) for function {}. Expected: {}", name,
                        Overloads(name)));
  }
  if (name == "concat_ws" && call.arguments.size() < 2) {
    throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT, "There must be two or more arguments");
  }
  const size_t first = references_.size();
  arguments = Expressions(call.arguments, context);
  const bool outer = context.scope != nullptr && NamesOuter(*context.scope, first);
  const bool plain = !call.distinct && call.order_by.empty() && !call.filter && !call.window &&
                     call.nulls == ast::NullTreatment::kUnsaid;
  if (plain && (name == "concat" || name == "typeof" || name == "greatest" || name == "least" ||
                name == "array_join")) {
    return SpecialCall(name, call, arguments, location);
  }
  ResolvedFunction function = Choose(name, TypesOf(arguments), location);
  CoerceAll(arguments, function.arguments);
  UseFinePattern(name, function);
  const size_t place = function.pattern.find("$r");
  if (place != std::string::npos) function.pattern.replace(place, 2, StorageName(function.result));
  if (function.kind == FunctionKind::kScalar) {
    if (!call.order_by.empty()) {
      ThrowAt(errors::FUNCTION_NOT_AGGREGATE, location, "ORDER BY is only valid for aggregation functions");
    }
    if (call.window) {
      ThrowAt(errors::FUNCTION_NOT_WINDOW, location, fmt::format("Not a window function: {}", name));
    }
    if (!plain) throw NotAnalyzed{location, "this form of a call"};
    if (name == "map_concat") {
      // The kernel's takes maps of one type only, and tells decimals apart that are stored alike.
      for (Typed& map : arguments) {
        map = Compose(function.result, location, {"CAST(", &map, " AS ", StorageName(function.result), ")"});
      }
    }
    if (name == "contains" || name == "array_position" || name == "arrays_overlap") {
      CompareByInstant(arguments);
    }
    const Typed value = Expand(function.result, location, function.pattern, arguments);
    if (!IsPlainArray(function.result)) return value;
    // Of a NULL that is written out the kernel makes one without a type, which fits overloads of any.
    return Compose(function.result, location, {"CAST(", &value, " AS ", StorageName(function.result), ")"});
  }
  aggregates_outer_ = aggregates_outer_ || outer;
  if (function.kind == FunctionKind::kWindow && !call.window) {
    ThrowAt(errors::MISSING_OVER, location, fmt::format("Window function {} requires an OVER clause", name));
  }
  if (name == "nth_value") {
    const auto* offset = std::get_if<ast::IntegerLiteral>(&call.arguments[1]->node);
    if (offset != nullptr && BigintOf(offset->text).value_or(1) < 1) {
      throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT, "Offset must be at least 1");
    }
  }
  const bool offset = (name == "lag" || name == "lead") && call.arguments.size() > 1;
  if (offset && std::holds_alternative<ast::NullLiteral>(call.arguments[1]->node)) {
    throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT, "Offset must not be null");
  }
  if ((name == "count" && call.distinct) || name == "approx_distinct") CompareByInstant(arguments);
  return Aggregate(expression, call, function, arguments, context);
}

Typed QueryAnalyzer::SpecialCall(const std::string& name, const ast::FunctionCall&,
                                 std::vector<Typed>& arguments, ErrorLocation location) {
  if (name == "typeof" && arguments.size() == 1) {
    return Compose(Type::Varchar(), location, {QuoteString(arguments[0].type.ToString())});
  }
  if (name == "concat") return Concat(arguments, location);
  if (name == "array_join") {
    const ResolvedFunction function = Choose(name, TypesOf(arguments), location);
    CoerceAll(arguments, function.arguments);
    const Type& element = arguments[0].type.children[0];
    if (!CanCast(element, Type::Varchar())) {
      ThrowAt(errors::OPERATOR_NOT_FOUND, location,
              fmt::format("Cannot cast {} to varchar", element.ToString()));
    }
    arguments[0] = CastTo(std::move(arguments[0]), Type::Array(Type::Varchar()), false, location);
    return Expand(Type::Varchar(), location, "trino_array_join($*)", arguments);
  }
  // The kernel's own skip NULLs, and take NaN for the largest where Trino passes over it.
  const Type type = Unify(arguments, name == "least" ? "LEAST operands" : "GREATEST operands", location);
  Typed whole = Compose(type, location, {"CASE WHEN "});
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) Append(whole, " OR ");
    Append(whole, arguments[i]);
    Append(whole, " IS NULL");
  }
  Append(whole, " THEN NULL ELSE ");
  const std::string chosen = HoldsFloats(type)
                                 ? (name == "least" ? "trino_array_min([$*])" : "trino_array_max([$*])")
                                 : name + "($*)";
  Append(whole, Expand(type, location, chosen, arguments));
  Append(whole, " END");
  return whole;
}

/// The kernel's printf has C's directives, which are Java's for strings and numbers.
Typed QueryAnalyzer::FormatCall(const ast::FunctionCall& call, ErrorLocation location,
                                const Context& context) {
  std::vector<Typed> values = Expressions(call.arguments, context);
  const auto* format = std::get_if<ast::StringLiteral>(&call.arguments[0]->node);
  const std::vector<char> directives = format == nullptr ? std::vector<char>() : Directives(format->value);
  for (size_t i = 0; i < values.size(); ++i) {
    const Type type = values[i].type;
    if (i == 0 && !type.Is(Kind::kVarchar)) {
      ThrowAt(errors::TYPE_MISMATCH, location,
              fmt::format("Type of first argument to format must be VARCHAR (actual: {})", type.ToString()));
    }
    const bool text = i > 0 && i <= directives.size() && directives[i - 1] == 's';
    if (!text && (type.IsInteger() || type.IsFloat())) continue;
    if (text &&
        (type.Is(Kind::kTime) || type.Is(Kind::kTimestamp) || type.Is(Kind::kTimestampWithTimeZone))) {
      values[i] = JavaText(std::move(values[i]));
      continue;
    }
    if (text && type.IsFloat()) {
      // As Java writes it, which JSON does too.
      const Typed json = CastTo(std::move(values[i]), Type::Of(Kind::kJson), false, location);
      values[i] = Compose(Type::Varchar(), location, {"replace(CAST(", &json, " AS VARCHAR), '\"', '')"});
      continue;
    }
    const Type shown = type.Is(Kind::kDecimal) && !text ? Type::Of(Kind::kDouble) : Type::Varchar();
    values[i] = CastTo(std::move(values[i]), shown, false, location);
  }
  return Expand(Type::Varchar(), location, "printf($*)", values);
}

/// Of varchars, chars, varbinaries or arrays; an element joins an array.
Typed QueryAnalyzer::Concat(std::vector<Typed>& values, ErrorLocation location) {
  if (values.size() < 2) {
    throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT,
                         "There must be two or more concatenation arguments");
  }
  Type common;
  bool array = false;
  for (const Typed& value : values) array = array || value.type.Is(Kind::kArray);
  for (Typed& value : values) {
    if (array && !value.type.Is(Kind::kArray) && !value.type.Is(Kind::kUnknown)) {
      value = Compose(Type::Array(value.type), location,
                      {"CASE WHEN ", &value, " IS NOT NULL THEN [", &value, "] END"});
    }
  }
  if (values.size() == 2 && array && !CommonSuperType(values[0].type, values[1].type)) {
    // An array before or behind arrays like it.
    const bool first = CommonSuperType(Type::Array(values[0].type), values[1].type).has_value();
    Typed& element = values[first ? 0 : 1];
    element = Compose(Type::Array(element.type), location, {"[", &element, "]"});
  }
  int32_t length = 0;
  for (const Typed& value : values) {
    const auto next = CommonSuperType(common, value.type);
    const bool fits = next && (next->IsText() || next->Is(Kind::kVarbinary) || next->Is(Kind::kArray) ||
                               next->Is(Kind::kUnknown));
    if (!fits) {
      ThrowAt(errors::FUNCTION_NOT_FOUND, location,
              fmt::format("Unexpected parameters ({}) for function concat", TypeList(TypesOf(values))));
    }
    common = *next;
    length += std::min(value.type.precision, 65536);
  }
  if (common.Is(Kind::kUnknown) || common.Is(Kind::kVarchar)) common = Type::Varchar();
  if (common.Is(Kind::kChar) && (values.size() != 2 || length > 65536)) {
    throw NotAnalyzed{location, "concat of these chars"};
  }
  for (Typed& value : values) {
    value = Coerce(std::move(value), common.Is(Kind::kChar) ? Type::Char(value.type.precision) : common);
  }
  Typed whole = Compose(common.Is(Kind::kChar) ? Type::Char(length) : common, location, {"("});
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) Append(whole, " || ");
    Append(whole, values[i]);
  }
  Append(whole, ")");
  return whole;
}

namespace {

/// What functions take besides, a timestamp's zone or a date's hour, EXTRACT refuses.
bool CanExtract(ast::ExtractField field, const Type& type) {
  const bool time = type.Is(Kind::kTime) || type.Is(Kind::kTimeWithTimeZone);
  const bool zoned = type.Is(Kind::kTimeWithTimeZone) || type.Is(Kind::kTimestampWithTimeZone);
  const bool timestamp = type.Is(Kind::kTimestamp) || type.Is(Kind::kTimestampWithTimeZone);
  if (field >= ast::ExtractField::kTimezoneMinute) return zoned;
  return timestamp || (field >= ast::ExtractField::kHour ? time : type.Is(Kind::kDate));
}

}  // namespace

Typed QueryAnalyzer::Extract(const ast::Extract& extract, ErrorLocation location, const Context& context) {
  static constexpr std::string_view kFunctions[] = {
      "year",         "quarter", "month", "week", "day",  "day",    "dow",    "dow",
      "doy",          "doy",     "yow",   "yow",  "hour", "minute", "second", "timezone_minute",
      "timezone_hour"};
  static constexpr std::string_view kNames[] = {
      "YEAR",   "QUARTER",         "MONTH",        "WEEK",         "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK",
      "DOW",    "DAY_OF_YEAR",     "DOY",          "YEAR_OF_WEEK", "YOW", "HOUR",         "MINUTE",
      "SECOND", "TIMEZONE_MINUTE", "TIMEZONE_HOUR"};
  const auto field = static_cast<size_t>(extract.field);
  std::vector<Typed> operands;
  operands.push_back(Expression(*extract.value, context));
  if (operands[0].type.IsInterval()) throw NotAnalyzed{location, "EXTRACT from an interval"};
  auto function = CanExtract(extract.field, operands[0].type) ? Resolve(kFunctions[field], {operands[0].type})
                                                              : std::nullopt;
  if (!function) {
    ThrowAt(errors::TYPE_MISMATCH, operands[0].location,
            fmt::format("Cannot extract {} from {}", kNames[field], operands[0].type.ToString()));
  }
  CoerceAll(operands, function->arguments);
  UseFinePattern(kFunctions[field], *function);
  return Expand(function->result, location, function->pattern, operands);
}

Typed QueryAnalyzer::Trim(const ast::Trim& trim, ErrorLocation location, const Context& context) {
  static constexpr std::string_view kNames[] = {"trim", "ltrim", "rtrim"};
  std::vector<Typed> operands;
  operands.push_back(Expression(*trim.value, context));
  if (trim.characters) operands.push_back(Expression(*trim.characters, context));
  const ResolvedFunction function =
      Choose(std::string(kNames[static_cast<size_t>(trim.side)]), TypesOf(operands), location);
  CoerceAll(operands, function.arguments);
  return Expand(function.result, location, function.pattern, operands);
}

}  // namespace planaria::sql
