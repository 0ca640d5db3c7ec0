// TABLE(f(...)) in FROM: the functions of system.builtin.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Argument = ast::TableFunctionArgument;

struct Parameter {
  enum class Kind { kExpression, kTable, kDescriptor };
  std::string_view name;
  Kind kind;
  bool required;
};

constexpr Parameter kSequence[] = {{"START", Parameter::Kind::kExpression, false},
                                   {"STOP", Parameter::Kind::kExpression, true},
                                   {"STEP", Parameter::Kind::kExpression, false}};
constexpr Parameter kExcludeColumns[] = {{"INPUT", Parameter::Kind::kTable, true},
                                         {"COLUMNS", Parameter::Kind::kDescriptor, true}};

Parameter::Kind KindOf(const Argument& argument) {
  if (std::holds_alternative<ast::ExpressionPtr>(argument.value)) return Parameter::Kind::kExpression;
  if (std::holds_alternative<ast::TableArgument>(argument.value)) return Parameter::Kind::kTable;
  return Parameter::Kind::kDescriptor;
}

[[noreturn]] void Invalid(const Argument& argument, std::string_view name, std::string_view what,
                          std::optional<ErrorLocation> location = std::nullopt) {
  ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location.value_or(argument.location),
          fmt::format("Invalid argument {}. {}", name, what));
}

/// The argument of each parameter, null for one that is not given.
std::vector<const Argument*> Match(std::span<const Parameter> parameters,
                                   const ast::TableFunctionCall& call) {
  const std::vector<Argument>& arguments = call.arguments;
  const ErrorLocation location = arguments.empty() ? call.name.location : arguments[0].location;
  if (arguments.size() > parameters.size()) {
    ThrowAt(errors::INVALID_ARGUMENTS, location,
            fmt::format("Too many arguments. Expected at most {} arguments, got {} arguments",
                        parameters.size(), arguments.size()));
  }
  const auto named = std::count_if(arguments.begin(), arguments.end(),
                                   [](const Argument& argument) { return argument.name.has_value(); });
  if (named != 0 && named != static_cast<ptrdiff_t>(arguments.size())) {
    ThrowAt(errors::INVALID_ARGUMENTS, location,
            "All arguments must be passed by name or all must be passed positionally");
  }
  std::vector<const Argument*> matched(parameters.size(), nullptr);
  for (size_t i = 0; i < arguments.size(); ++i) {
    size_t place = i;
    if (named != 0) {
      const std::string name = CanonicalName(*arguments[i].name);
      const auto found = std::find_if(parameters.begin(), parameters.end(),
                                      [&](const Parameter& parameter) { return parameter.name == name; });
      if (found == parameters.end()) {
        ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, arguments[i].location,
                "Unexpected argument name: " + name);
      }
      place = static_cast<size_t>(found - parameters.begin());
      if (matched[place] != nullptr) {
        ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, arguments[i].location, "Duplicate argument name: " + name);
      }
    }
    matched[place] = &arguments[i];
  }
  static constexpr std::string_view kKinds[] = {"expression", "table", "descriptor"};
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    if (matched[i] == nullptr) {
      if (!parameter.required) continue;
      ThrowAt(errors::MISSING_ARGUMENT, location, fmt::format("Missing argument: {}", parameter.name));
    }
    const auto kind = KindOf(*matched[i]);
    if (kind == parameter.kind) continue;
    Invalid(*matched[i], parameter.name,
            fmt::format("Expected {}, got {}", kKinds[static_cast<size_t>(parameter.kind)],
                        kKinds[static_cast<size_t>(kind)]));
  }
  return matched;
}

/// Rows of the table go through the function one by one.
void RequireRowSemantics(const Argument& argument, const ast::TableArgument& table, std::string_view name) {
  if (table.partition_by) {
    Invalid(argument, name, "Partitioning specified for table argument with row semantics");
  }
  if (!table.order_by.empty()) {
    Invalid(argument, name, "Ordering specified for table argument with row semantics");
  }
  if (table.when_empty != ast::TableArgument::WhenEmpty::kUnsaid) {
    Invalid(argument, name, "Empty behavior specified for table argument with row semantics",
            table.when_empty_location);
  }
}

}  // namespace

Typed QueryAnalyzer::Constant(const ast::Expression& expression) {
  const Scope nothing;
  Typed value = Expression(expression, {&nothing, nullptr, nullptr, nullptr});
  if (!value.constant) {
    ThrowAt(errors::EXPRESSION_NOT_CONSTANT, expression.location,
            "Constant expression cannot contain a subquery");
  }
  return value;
}

AnalyzedRelation QueryAnalyzer::Sequence(const std::vector<const Argument*>& arguments,
                                         ErrorLocation location) {
  const Type bigint = Type::Of(TypeKind::kBigint);
  std::vector<Typed> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == nullptr) {
      // The default of START and of STEP.
      values.push_back(Compose(bigint, location, {i == 0 ? "CAST(0 AS BIGINT)" : "CAST(1 AS BIGINT)"}));
      continue;
    }
    const ast::Expression& expression = *std::get<ast::ExpressionPtr>(arguments[i]->value);
    Typed value = Constant(expression);
    if (!CanCoerce(value.type, bigint)) {
      ThrowAt(errors::TYPE_MISMATCH, expression.location,
              fmt::format("Cannot cast type {} to bigint", value.type.ToString()));
    }
    values.push_back(CastTo(std::move(value), bigint, false, location));
  }
  AnalyzedRelation relation;
  relation.sql.Mark(location);
  relation.sql.Append(
      Expand(bigint, location, "generate_series($1, $2, trino_sequence_step($1, $2, $3))", values).sql);
  relation.columns.push_back({{}, "sequential_number", bigint, QuoteName("generate_series")});
  return relation;
}

AnalyzedRelation QueryAnalyzer::ExcludeColumns(const std::vector<const Argument*>& arguments,
                                               const Scope& scope) {
  const auto& table = std::get<ast::TableArgument>(arguments[0]->value);
  RequireRowSemantics(*arguments[0], table, kExcludeColumns[0].name);
  const auto fail = [](const std::string& message) {
    throw TrinoException(errors::INVALID_FUNCTION_ARGUMENT, message);
  };
  const AnalyzedRelation input = Relation(*table.table, scope, &scope);
  const auto* descriptor = std::get_if<ast::DescriptorArgument>(&arguments[1]->value);
  if (descriptor == nullptr) fail("COLUMNS descriptor is null");
  std::vector<std::string> excluded;
  for (const auto& field : descriptor->fields) {
    if (field.type) fail("COLUMNS descriptor contains types");
    const std::string name = NameOf(field.name);
    if (std::find(excluded.begin(), excluded.end(), name) == excluded.end()) excluded.push_back(name);
  }
  std::vector<Field> kept;
  std::vector<std::string> missing = excluded;
  for (Field column : input.columns) {
    if (column.hidden) continue;
    column.relation.clear();
    if (std::find(excluded.begin(), excluded.end(), column.name) == excluded.end()) {
      kept.push_back(std::move(column));
    } else {
      std::erase(missing, column.name);
    }
  }
  if (!missing.empty()) {
    fail(fmt::format("Excluded columns: [{}] not present in the table", fmt::join(missing, ", ")));
  }
  if (kept.empty()) fail("All columns are excluded");
  return Derived(input, kept, {}, "exclude_columns", arguments[0]);
}

AnalyzedRelation QueryAnalyzer::TableFunction(const ast::TableFunctionCall& call, ErrorLocation location,
                                              const Scope& scope, const ast::AliasedRelation* aliased) {
  const std::vector<std::string> name = PartsOf(call.name);
  if (name.size() == 3 && name[0] != "system" && !metadata_.HasCatalog(name[0])) {
    ThrowAt(errors::CATALOG_NOT_FOUND, call.name.location, fmt::format("Catalog '{}' not found", name[0]));
  }
  const bool builtin = name.size() == 1 || (name.size() == 3 && name[0] == "system" && name[1] == "builtin");
  AnalyzedRelation relation;
  if (builtin && name.back() == "sequence") {
    relation = Sequence(Match(kSequence, call), location);
    PutAlias(relation, nullptr, "sequence", &call);
  } else if (builtin && name.back() == "exclude_columns") {
    relation = ExcludeColumns(Match(kExcludeColumns, call), scope);
  } else {
    ThrowAt(errors::FUNCTION_NOT_FOUND, call.name.location,
            fmt::format("Table function '{}' not registered", DottedName(call.name)));
  }
  if (aliased == nullptr) return relation;
  if (!aliased->columns.empty() && aliased->columns.size() != relation.columns.size()) {
    ThrowAt(errors::MISMATCHED_COLUMN_ALIASES, location,
            fmt::format("Column alias list has {} entries but table function has {} proper columns",
                        aliased->columns.size(), relation.columns.size()));
  }
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    Field& column = relation.columns[i];
    column.relation = {NameOf(aliased->alias)};
    if (aliased->columns.empty()) continue;
    column.name = NameOf(aliased->columns[i]);
    column.shown = CanonicalName(aliased->columns[i]);
  }
  return relation;
}

}  // namespace planaria::sql
