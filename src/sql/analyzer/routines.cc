// Functions written in SQL, of WITH FUNCTION and of catalogs. A call of one that only returns an expression
// becomes that expression; one of more statements becomes a program for the kernel (routine_program.h).
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/routine_compiler.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = ast::RoutineCharacteristic::Kind;

/// Which clause it is: several of one are refused.
std::string_view ClauseOf(Kind kind) {
  switch (kind) {
    case Kind::kLanguage:
      return "language";
    case Kind::kDeterministic:
    case Kind::kNotDeterministic:
      return "deterministic";
    case Kind::kCalledOnNull:
    case Kind::kReturnsNullOnNull:
      return "null-call";
    case Kind::kSecurityDefiner:
    case Kind::kSecurityInvoker:
      return "security";
    case Kind::kComment:
      return "comment";
    case Kind::kProperties:
      return "properties";
  }
  return "";
}

void CheckCharacteristics(const ast::FunctionSpecification& function) {
  std::set<std::string_view> clauses;
  for (const ast::RoutineCharacteristic& one : function.characteristics) {
    const std::string_view clause = ClauseOf(one.kind);
    if (!clauses.insert(clause).second) {
      ThrowAt(errors::SYNTAX_ERROR, one.location, fmt::format("Multiple {} clauses specified", clause));
    }
    if (one.kind == Kind::kLanguage && LowerCase(one.language.value) != "sql") {
      ThrowAt(errors::NOT_SUPPORTED, one.language.location,
              fmt::format("Unsupported function language: {}", one.language.value));
    }
    if (one.kind == Kind::kProperties && !one.properties.empty()) {
      ThrowAt(errors::INVALID_FUNCTION_PROPERTY, one.properties[0].name.location,
              "Function language 'SQL' does not support properties");
    }
  }
  if (!function.statement) {
    ThrowAt(errors::SYNTAX_ERROR, function.location,
            "Functions using language 'SQL' must be defined using SQL");
  }
  const auto& body = function.statement->node;
  if (!std::holds_alternative<ast::ReturnStatement>(body) &&
      !std::holds_alternative<ast::CompoundStatement>(body)) {
    ThrowAt(errors::SYNTAX_ERROR, function.statement->location,
            "Function body must start with RETURN or BEGIN");
  }
}

bool Has(const ast::FunctionSpecification& function, Kind kind) {
  return std::any_of(function.characteristics.begin(), function.characteristics.end(),
                     [kind](const auto& one) { return one.kind == kind; });
}

/// Trino says of types of functions that they do not fit.
Type ParameterType(const ast::RoutineParameter& parameter) {
  try {
    return TypeOf(*parameter.type);
  } catch (const TrinoException& exception) {
    if (exception.error().code.code != errors::TYPE_NOT_FOUND.code) throw;
    throw TrinoException({errors::TYPE_MISMATCH, exception.error().message, exception.error().location, {}});
  }
}

std::vector<Type> ParameterTypes(const ast::FunctionSpecification& function) {
  std::vector<Type> types;
  for (const ast::RoutineParameter& parameter : function.parameters)
    types.push_back(ParameterType(parameter));
  return types;
}

void CheckParameters(const ast::FunctionSpecification& function) {
  std::set<std::string> names;
  for (const ast::RoutineParameter& parameter : function.parameters) {
    if (!parameter.name) {
      ThrowAt(errors::INVALID_ARGUMENTS, parameter.type->location, "Function parameters must have a name");
    }
    if (!names.insert(NameOf(*parameter.name)).second) {
      ThrowAt(errors::INVALID_ARGUMENTS, parameter.name->location,
              fmt::format("Duplicate function parameter name: {}", parameter.name->value));
    }
  }
}

Type WithoutFieldNames(Type type) {
  for (std::string& name : type.field_names) name.clear();
  for (Type& child : type.children) child = WithoutFieldNames(std::move(child));
  return type;
}

/// Whether the arguments may stand for parameters of these types, all as they are or turned into them.
bool Fit(const std::vector<Typed>& arguments, const std::vector<Type>& types, bool exactly) {
  if (arguments.size() != types.size()) return false;
  for (size_t i = 0; i < types.size(); ++i) {
    if (exactly && arguments[i].type != types[i]) return false;
    // Rows are turned into each other by position.
    if (!CanCoerce(WithoutFieldNames(arguments[i].type), WithoutFieldNames(types[i]))) return false;
  }
  return true;
}

}  // namespace

void QueryAnalyzer::DeclareFunctions(const ast::Query& query) {
  for (const ast::FunctionSpecification& function : query.functions) {
    if (function.name.parts.size() != 1) {
      ThrowAt(errors::SYNTAX_ERROR, function.location,
              fmt::format("Inline function names cannot be qualified: {}", DottedName(function.name)));
    }
    for (const ast::RoutineCharacteristic& one : function.characteristics) {
      if (one.kind == Kind::kSecurityDefiner || one.kind == Kind::kSecurityInvoker) {
        ThrowAt(errors::NOT_SUPPORTED, one.location, "Security mode not supported for inline functions");
      }
    }
    const Routine routine{&function, routines_.size()};
    CheckRoutine(routine);
    routines_.push_back(routine);
    visible_routines_ = routines_.size();
  }
}

void QueryAnalyzer::CheckRoutine(const Routine& routine) {
  const ast::FunctionSpecification& function = *routine.function;
  CheckCharacteristics(function);
  CheckParameters(function);
  const std::vector<Type> types = ParameterTypes(function);
  deterministic_ = true;
  RoutineCompiler([&](const ast::Expression& expression, const Scope& scope) {
    return InRoutine(routine, expression, scope);
  }).Compile(function, types);
  if (!deterministic_ && Has(function, Kind::kDeterministic)) {
    ThrowAt(errors::INVALID_ARGUMENTS, function.location,
            "Non-deterministic function declared DETERMINISTIC");
  }
  if (deterministic_ && Has(function, Kind::kNotDeterministic)) {
    ThrowAt(errors::INVALID_ARGUMENTS, function.location,
            "Deterministic function declared NOT DETERMINISTIC");
  }
}

Typed QueryAnalyzer::InRoutine(const Routine& routine, const ast::Expression& expression,
                               const Scope& scope) {
  const size_t visible = std::exchange(visible_routines_, routine.visible);
  const Routine* around = std::exchange(inside_, &routine);
  Typed value = Expression(expression, {&scope, nullptr, nullptr, nullptr});
  inside_ = around;
  visible_routines_ = visible;
  if (!value.aggregates.empty() || !value.windows.empty()) {
    ThrowAt(errors::NOT_SUPPORTED, expression.location,
            "Aggregate and window functions are not allowed in functions");
  }
  return value;
}

bool QueryAnalyzer::MayBeRoutine(const ast::QualifiedName& name) const {
  if (name.parts.size() > 1) return true;
  return visible_routines_ > 0 || inside_ != nullptr ||
         (!session_.path.empty() && !HasFunction(NameOf(name.parts[0])));
}

std::vector<QueryAnalyzer::Routine> QueryAnalyzer::RoutinesOf(const ast::QualifiedName& name) const {
  const std::vector<std::string> parts = PartsOf(name);
  std::vector<Routine> found;
  if (parts.size() == 1) {
    for (size_t i = 0; i < visible_routines_; ++i) {
      if (NameOf(routines_[i].function->name.parts[0]) == parts[0]) found.push_back(routines_[i]);
    }
  }
  std::vector<FunctionSchema> schemas;
  if (parts.size() == 3) schemas.push_back({parts[0], parts[1]});
  if (parts.size() == 2) schemas.push_back({session_.catalog, parts[0]});
  if (parts.size() == 1 && found.empty()) schemas = session_.path;
  for (const FunctionSchema& schema : schemas) {
    for (auto& stored : metadata_.FindFunctions(schema.catalog, schema.schema, parts.back())) {
      found.push_back({stored.get(), 0, stored});
    }
    if (!found.empty()) break;
  }
  return found;
}

std::optional<Typed> QueryAnalyzer::RoutineCall(const ast::QualifiedName& name,
                                                const std::vector<Typed>& arguments, ErrorLocation location) {
  const std::string last = NameOf(name.parts.back());
  // One that calls itself, in several steps perhaps when it is stored.
  for (const Routine* around = inside_; around != nullptr; around = around->around) {
    const ast::FunctionSpecification& function = *around->function;
    if (NameOf(function.name.parts.back()) != last) continue;
    const std::vector<Type> types = ParameterTypes(function);
    if (!Fit(arguments, types, false)) continue;
    ThrowAt(errors::NOT_SUPPORTED, function.location,
            fmt::format("Recursive language functions are not supported: {}({}):{}", last, TypeList(types),
                        TypeOf(*function.returns).ToString()));
  }
  const std::vector<Routine> routines = RoutinesOf(name);
  std::string expected;
  for (const bool exactly : {true, false}) {
    for (const Routine& routine : routines) {
      const std::vector<Type> types = ParameterTypes(*routine.function);
      if (Fit(arguments, types, exactly)) return CallOf(routine, types, arguments, location);
      if (exactly) expected += fmt::format("{}{}({})", expected.empty() ? "" : ", ", last, TypeList(types));
    }
  }
  if (routines.empty() || (name.parts.size() == 1 && HasFunction(last))) return std::nullopt;
  std::vector<Type> types;
  for (const Typed& argument : arguments) types.push_back(argument.type);
  ThrowAt(errors::FUNCTION_NOT_FOUND, location,
          fmt::format("Unexpected parameters ({}) for function {}. Expected: {}", TypeList(types),
                      DottedName(name), expected));
}

Typed QueryAnalyzer::CallOf(const Routine& found, const std::vector<Type>& types,
                            const std::vector<Typed>& arguments, ErrorLocation location) {
  Routine routine = found;
  routine.around = inside_;
  const ast::FunctionSpecification& function = *routine.function;
  std::vector<Typed> values;
  for (size_t i = 0; i < arguments.size(); ++i) values.push_back(Coerce(arguments[i], types[i]));
  if (const auto* returned = std::get_if<ast::ReturnStatement>(&function.statement->node)) {
    return Inlined(routine, *returned, types, values, location);
  }
  const RoutineProgram program = RoutineCompiler([&](const ast::Expression& expression, const Scope& scope) {
                                   return InRoutine(routine, expression, scope);
                                 }).Compile(function, types);
  Typed call =
      Compose(TypeOf(*function.returns), location, {"trino_routine(", QuoteString(program.ToText())});
  for (const Typed& value : values) {
    Append(call, ", ");
    Append(call, value);
  }
  Append(call, ")");
  return call;
}

Typed QueryAnalyzer::Inlined(const Routine& routine, const ast::ReturnStatement& returned,
                             const std::vector<Type>& types, const std::vector<Typed>& values,
                             ErrorLocation location) {
  const ast::FunctionSpecification& function = *routine.function;
  Scope scope;
  scope.of_lambda = true;
  for (size_t i = 0; i < values.size(); ++i) {
    scope.fields.push_back(
        {{}, NameOf(*function.parameters[i].name), types[i], "(" + values[i].sql.text() + ")"});
  }
  const Type type = TypeOf(*function.returns);
  Typed value = InRoutine(routine, *returned.value, scope);
  if (!CanCoerce(value.type, type)) {
    ThrowAt(errors::TYPE_MISMATCH, returned.value->location,
            fmt::format("Value of RETURN must evaluate to {} (actual: {})", type.ToString(),
                        value.type.ToString()));
  }
  value = Coerce(std::move(value), type);
  if (Has(function, Kind::kReturnsNullOnNull)) {
    for (const Typed& one : values) {
      value = Compose(type, location, {"CASE WHEN ", &one, " IS NOT NULL THEN ", &value, " END"});
    }
  }
  // What holds for the arguments holds for the call.
  value.constant = true;
  for (const Typed& one : values) {
    value.constant = value.constant && one.constant;
    value.ungrouped = value.ungrouped || one.ungrouped;
    value.aggregates.insert(value.aggregates.end(), one.aggregates.begin(), one.aggregates.end());
    value.windows.insert(value.windows.end(), one.windows.begin(), one.windows.end());
  }
  value.location = location;
  return value;
}

}  // namespace planaria::sql
