#include "planner/trino_names.h"

#include <functional>
#include <set>

#include "base/error.h"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/recursive_cte_node.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

namespace planaria::planner {

namespace {

using duckdb::StringUtil;

/// Not a name that anybody gives to a column.
constexpr const char* kUnnamed = "$unnamed column";

/// These look like columns to the kernel's parser.
bool IsTimeFunction(const duckdb::ParsedExpression& expression) {
  static const std::set<std::string> names = {"current_date", "current_time", "current_timestamp",
                                              "localtime", "localtimestamp"};
  const auto& column = expression.Cast<duckdb::ColumnRefExpression>();
  return !column.IsQualified() && names.contains(StringUtil::Lower(column.GetColumnName()));
}

/// Calls back for every table and expression of a query, those of its subqueries included.
class QueryWalk {
 public:
  std::function<void(duckdb::QueryNode&)> on_node = [](duckdb::QueryNode&) {};
  std::function<void(duckdb::TableRef&)> on_table = [](duckdb::TableRef&) {};
  std::function<void(duckdb::unique_ptr<duckdb::ParsedExpression>&)> on_expression =
      [](duckdb::unique_ptr<duckdb::ParsedExpression>&) {};

  void Walk(duckdb::QueryNode& node) {
    VisitNode(node);
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& expression) { Walk(expression); },
        [this](duckdb::TableRef& table) {
          // The iterator walks through subqueries by itself; it only does not tell of them.
          if (table.type == duckdb::TableReferenceType::SUBQUERY) {
            VisitNode(*table.Cast<duckdb::SubqueryRef>().subquery->node);
          }
          on_table(table);
        });
  }

 private:
  void Walk(duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
      Walk(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
    }
    on_expression(expression);
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        *expression, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { Walk(child); });
  }

  void VisitNode(duckdb::QueryNode& node) {
    on_node(node);
    for (auto& entry : node.cte_map.map) VisitNode(*entry.second->query->node);
    if (node.type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
      for (auto& child : node.Cast<duckdb::SetOperationNode>().children) VisitNode(*child);
    } else if (node.type == duckdb::QueryNodeType::RECURSIVE_CTE_NODE) {
      auto& recursive = node.Cast<duckdb::RecursiveCTENode>();
      VisitNode(*recursive.left);
      VisitNode(*recursive.right);
    }
  }
};

class NameResolution {
 public:
  NameResolution(const QuerySession& session, const kernel::StatementText& statement)
      : session_(session), statement_(statement) {}

  void Run(duckdb::QueryNode& query) {
    QueryWalk with_names;
    with_names.on_node = [this](duckdb::QueryNode& node) {
      for (const auto& entry : node.cte_map.map) with_names_.insert(StringUtil::Lower(entry.first));
      if (node.type == duckdb::QueryNodeType::RECURSIVE_CTE_NODE) {
        with_names_.insert(StringUtil::Lower(node.Cast<duckdb::RecursiveCTENode>().ctename));
      }
    };
    with_names.Walk(query);
    QueryWalk resolution;
    resolution.on_table = [this](duckdb::TableRef& table) { Resolve(table); };
    resolution.on_expression = [this](duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
      Resolve(expression);
    };
    resolution.Walk(query);
  }

 private:
  void Resolve(duckdb::TableRef& table) {
    if (table.type == duckdb::TableReferenceType::BASE_TABLE) {
      Complete(table.Cast<duckdb::BaseTableRef>());
    } else if (table.type == duckdb::TableReferenceType::TABLE_FUNCTION) {
      const auto& call = *table.Cast<duckdb::TableFunctionRef>().function;
      if (call.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return;
      const std::string name = call.Cast<duckdb::FunctionExpression>().function_name;
      if (!IsComputingFunction(name)) {
        Refuse(errors::FUNCTION_NOT_FOUND, "Table function '" + name + "' not registered",
               table.query_location);
      }
    } else if (table.type == duckdb::TableReferenceType::SHOW_REF) {
      // DuckDB takes DESCRIBE and SUMMARIZE for tables; they hide queries that nobody has looked at.
      Refuse(errors::SYNTAX_ERROR, "a statement cannot stand in a FROM clause", table.query_location);
    } else if (table.type == duckdb::TableReferenceType::EXPRESSION_LIST) {
      auto& values = table.Cast<duckdb::ExpressionListRef>();
      if (!values.expected_names.empty() || values.values.empty()) return;
      for (size_t i = 0; i < values.values[0].size(); i++) {
        values.expected_names.push_back("_col" + std::to_string(i));
      }
    }
  }

  void Complete(duckdb::BaseTableRef& table) {
    if (table.schema_name.empty()) {
      // The name of a WITH query anywhere in the statement is left to the binder, which knows its scope.
      if (with_names_.contains(StringUtil::Lower(table.table_name))) return;
      if (session_.schema.empty()) {
        Refuse(errors::MISSING_SCHEMA_NAME, "Schema must be specified when session schema is not set",
               table.query_location);
      }
      table.schema_name = session_.schema;
    }
    if (table.catalog_name.empty()) {
      if (session_.catalog.empty()) {
        Refuse(errors::MISSING_CATALOG_NAME, "Catalog must be specified when session catalog is not set",
               table.query_location);
      }
      table.catalog_name = session_.catalog;
    }
    if (StringUtil::CIEquals(table.catalog_name, "system")) table.catalog_name = kSystemCatalog;
  }

  /// What the kernel would answer about itself.
  void Resolve(duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
    std::string name;
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
      const auto& function = expression->Cast<duckdb::FunctionExpression>();
      if (!function.children.empty()) return;
      name = StringUtil::Lower(function.function_name);
    } else if (expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
      const auto& column = expression->Cast<duckdb::ColumnRefExpression>();
      if (column.IsQualified()) return;
      name = StringUtil::Lower(column.GetColumnName());
      if (name == "version") return;
    }
    std::string value;
    if (name == "current_user") {
      value = session_.user;
    } else if (name == "current_catalog") {
      value = session_.catalog;
    } else if (name == "current_schema") {
      value = session_.schema;
    } else if (name == "version") {
      value = session_.server_version;
    } else {
      return;
    }
    const std::string alias = expression->GetAlias();
    expression = duckdb::make_uniq<duckdb::ConstantExpression>(
        value.empty() ? duckdb::Value(duckdb::LogicalType::VARCHAR) : duckdb::Value(value));
    expression->SetAlias(alias);
  }

  [[noreturn]] void Refuse(ErrorCode code, const std::string& message,
                           const duckdb::optional_idx& position) const {
    throw TrinoException(kernel::LocatedError(
        code, message, position.IsValid() ? std::optional<size_t>(position.GetIndex()) : std::nullopt,
        statement_));
  }

  const QuerySession& session_;
  const kernel::StatementText& statement_;
  std::set<std::string> with_names_;
};

}  // namespace

bool IsComputingFunction(const std::string& name) {
  static const std::set<std::string> names = {"range", "generate_series", "repeat", "repeat_row", "unnest"};
  return names.contains(StringUtil::Lower(name));
}

void ResolveNames(duckdb::QueryNode& query, const QuerySession& session,
                  const kernel::StatementText& statement) {
  NameResolution(session, statement).Run(query);
}

void MarkUnnamedColumns(duckdb::QueryNode& query) {
  auto* node = &query;
  while (node->type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
    node = node->Cast<duckdb::SetOperationNode>().children.front().get();
  }
  if (node->type != duckdb::QueryNodeType::SELECT_NODE) return;
  for (auto& expression : node->Cast<duckdb::SelectNode>().select_list) {
    const auto kind = expression->GetExpressionClass();
    if (!expression->GetAlias().empty() || kind == duckdb::ExpressionClass::STAR) continue;
    if (kind == duckdb::ExpressionClass::COLUMN_REF && !IsTimeFunction(*expression)) continue;
    expression->SetAlias(kUnnamed);
  }
}

bool IsUnnamedMark(const std::string& name) { return name == kUnnamed; }

std::vector<std::string> NameOutput(const duckdb::vector<std::string>& bound_names) {
  std::vector<std::string> names(bound_names.begin(), bound_names.end());
  for (size_t i = 0; i < names.size(); i++) {
    if (IsUnnamedMark(names[i])) names[i] = "_col" + std::to_string(i);
  }
  return names;
}

}  // namespace planaria::planner
