#include "coordinator/explanation.h"

#include "base/error.h"
#include "coordinator/plan_json.h"
#include "sql/format.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

using Type = Explanation::Type;
using Format = Explanation::Format;
namespace ast = sql::ast;

Type TypeOf(const std::string& word) {
  if (word == "LOGICAL") return Type::kLogical;
  if (word == "VALIDATE") return Type::kValidate;
  return word == "IO" ? Type::kIo : Type::kDistributed;
}

Format FormatOf(const std::string& word) {
  if (word == "GRAPHVIZ") return Format::kGraphviz;
  return word == "JSON" ? Format::kJson : Format::kText;
}

const ast::Explain::Option* FirstOption(const ast::Explain& explain, std::string_view name) {
  for (const ast::Explain::Option& option : explain.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

/// Their text is that of a whole plan, or has no more than the name of what is defined.
struct TaskText {
  template <typename Node>
  std::optional<std::string> operator()(const Node& node) const {
    if constexpr (std::is_same_v<Node, ast::CreateTable>) return "CREATE TABLE " + Name(node.name);
    if constexpr (std::is_same_v<Node, ast::CreateView>) return "CREATE VIEW " + Name(node.name);
    if constexpr (std::is_same_v<Node, ast::CreateMaterializedView>) {
      return "CREATE MATERIALIZED VIEW " + Name(node.name);
    }
    if constexpr (std::is_same_v<Node, ast::Prepare>) return "PREPARE " + node.name.value;
    if constexpr (HasPlan<Node>) return std::nullopt;
    return sql::Format(statement);
  }

  template <typename Node, typename... Others>
  static constexpr bool Is = (std::is_same_v<Node, Others> || ...);
  template <typename Node>
  static constexpr bool HasPlan =
      Is<Node, ast::QueryPtr, ast::Insert, ast::Delete, ast::Update, ast::Merge, ast::CreateTableAs,
         ast::RefreshMaterializedView, ast::Analyze, ast::TableExecute, ast::ShowCatalogs, ast::ShowSchemas,
         ast::ShowTables, ast::ShowColumns, ast::ShowFunctions, ast::ShowSession, ast::ShowCreate,
         ast::ShowStats, ast::ShowRoles, ast::ShowRoleGrants, ast::ShowGrants, ast::DescribeInput,
         ast::DescribeOutput, ast::Explain, ast::Execute, ast::ExecuteImmediate>;

  static std::string Name(const ast::QualifiedName& name) { return sql::DottedName(name); }

  const ast::Statement& statement;
};

std::string PlanText(const Explanation& explanation, const planner::DistributedPlan& plan) {
  if (explanation.type == Type::kIo) return IoPlanJson(plan, explanation.output_table);
  const bool logical = explanation.type == Type::kLogical;
  switch (explanation.format) {
    case Format::kJson:
      return logical ? LogicalPlanJson(plan) : DistributedPlanJson(plan);
    case Format::kGraphviz:
      return logical ? LogicalPlanGraph(plan) : DistributedPlanGraph(plan);
    case Format::kText:
      break;
  }
  return planner::ExplainDistributed(plan);
}

}  // namespace

Explanation ExplanationOf(const ast::Explain& explain) {
  Explanation explanation;
  explanation.analyze = explain.analyze;
  if (const auto* type = FirstOption(explain, "TYPE")) explanation.type = TypeOf(type->value);
  if (const auto* format = FirstOption(explain, "FORMAT")) explanation.format = FormatOf(format->value);
  if (explanation.type == Type::kIo && explanation.format == Format::kGraphviz) {
    throw TrinoException(errors::NOT_SUPPORTED, "Unhandled plan type: IO");
  }
  return explanation;
}

std::optional<std::string> ExplainTask(const ast::Statement& statement) {
  return std::visit(TaskText{statement}, statement.node);
}

ConstantQuery ExplainQuery(const Explanation& explanation, const planner::DistributedPlan& plan) {
  const bool validates = explanation.type == Type::kValidate;
  return ExplainQuery(explanation, validates ? std::string() : PlanText(explanation, plan));
}

ConstantQuery ExplainQuery(const Explanation& explanation, const std::string& text) {
  if (explanation.type == Type::kValidate) {
    return {"SELECT true AS \"Valid\"", {sql::Type::Of(sql::TypeKind::kBoolean)}};
  }
  return {"SELECT " + sql::QuoteString(text) + " AS \"Query Plan\"", {sql::Type::Varchar(Characters(text))}};
}

}  // namespace planaria::coordinator
