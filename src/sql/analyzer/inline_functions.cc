// WITH FUNCTION: a call of such a function becomes the expression that it returns.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
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
  }
}

}  // namespace

void QueryAnalyzer::DeclareFunctions(const ast::Query& query) {
  for (const ast::FunctionSpecification& function : query.functions) {
    if (function.name.parts.size() != 1) {
      ThrowAt(errors::SYNTAX_ERROR, function.location,
              fmt::format("Inline function names cannot be qualified: {}", DottedName(function.name)));
    }
    CheckCharacteristics(function);
    functions_.push_back(&function);
  }
  visible_functions_ = functions_.size();
}

std::optional<Typed> QueryAnalyzer::InlineCall(const std::string& name, const std::vector<Typed>& arguments,
                                               ErrorLocation location) {
  for (size_t i = visible_functions_; i-- > 0;) {
    const ast::FunctionSpecification& function = *functions_[i];
    if (NameOf(function.name.parts[0]) != name || function.parameters.size() != arguments.size()) continue;
    std::vector<Type> types;
    bool fits = true;
    for (size_t at = 0; at < arguments.size() && fits; ++at) {
      types.push_back(TypeOf(*function.parameters[at].type));
      fits = CanCoerce(arguments[at].type, types.back());
    }
    if (fits) return Inlined(i, types, arguments, location);
  }
  return std::nullopt;
}

Typed QueryAnalyzer::Inlined(size_t index, const std::vector<Type>& types,
                             const std::vector<Typed>& arguments, ErrorLocation location) {
  const ast::FunctionSpecification& function = *functions_[index];
  const auto* returned =
      function.statement ? std::get_if<ast::ReturnStatement>(&function.statement->node) : nullptr;
  if (returned == nullptr) {
    ThrowAt(errors::NOT_SUPPORTED, function.location,
            "Functions that are more than a RETURN are not supported");
  }
  Scope scope;
  scope.of_lambda = true;
  std::vector<Typed> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    values.push_back(Coerce(arguments[i], types[i]));
    const auto& parameter = function.parameters[i].name;
    scope.fields.push_back(
        {{}, parameter ? NameOf(*parameter) : "", types[i], "(" + values.back().sql.text() + ")"});
  }
  // It knows those that were declared before it, so none calls itself.
  const size_t visible = std::exchange(visible_functions_, index);
  Typed value = Expression(*returned->value, {&scope, nullptr, nullptr, nullptr});
  visible_functions_ = visible;
  const Type type = TypeOf(*function.returns);
  if (!CanCoerce(value.type, type)) {
    ThrowAt(errors::TYPE_MISMATCH, returned->value->location,
            fmt::format("Value of RETURN must evaluate to {} (actual: {})", type.ToString(),
                        value.type.ToString()));
  }
  value = Coerce(std::move(value), type);
  for (const ast::RoutineCharacteristic& characteristic : function.characteristics) {
    if (characteristic.kind != ast::RoutineCharacteristic::Kind::kReturnsNullOnNull) continue;
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
