#include "planner/plan_operators.h"

#include "connector/table_scan.h"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_join.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_window.hpp"
#include "kernel/exchange_operator.h"
#include "kernel/trino_type_name.h"

namespace planaria::planner {

namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

std::string JoinName(duckdb::JoinType type) {
  switch (type) {
    case duckdb::JoinType::INNER:
      return "InnerJoin";
    case duckdb::JoinType::LEFT:
      return "LeftJoin";
    case duckdb::JoinType::RIGHT:
      return "RightJoin";
    case duckdb::JoinType::OUTER:
      return "FullJoin";
    case duckdb::JoinType::MARK:
    case duckdb::JoinType::SEMI:
      return "SemiJoin";
    default:
      return duckdb::EnumUtil::ToString(type) + "Join";
  }
}

std::string NameOf(const LogicalOperator& op) {
  if (dynamic_cast<const kernel::LogicalExchangeSource*>(&op) != nullptr) return "RemoteSource";
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_GET:
      return connector::ScanOf(op.Cast<duckdb::LogicalGet>()) != nullptr ? "TableScan" : op.GetName();
    case LogicalOperatorType::LOGICAL_FILTER:
      return "Filter";
    case LogicalOperatorType::LOGICAL_PROJECTION:
      return "Project";
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return "Aggregate";
    case LogicalOperatorType::LOGICAL_WINDOW:
      return "Window";
    case LogicalOperatorType::LOGICAL_UNNEST:
      return "Unnest";
    case LogicalOperatorType::LOGICAL_LIMIT:
      return "Limit";
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return "Sort";
    case LogicalOperatorType::LOGICAL_TOP_N:
      return "TopN";
    case LogicalOperatorType::LOGICAL_SAMPLE:
      return "Sample";
    case LogicalOperatorType::LOGICAL_CHUNK_GET:
    case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
    case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
    case LogicalOperatorType::LOGICAL_EMPTY_RESULT:
      return "Values";
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
      return JoinName(op.Cast<duckdb::LogicalJoin>().join_type);
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      return "CrossJoin";
    case LogicalOperatorType::LOGICAL_UNION:
      return "Union";
    case LogicalOperatorType::LOGICAL_EXCEPT:
      return "Except";
    case LogicalOperatorType::LOGICAL_INTERSECT:
      return "Intersect";
    default:
      return op.GetName();
  }
}

}  // namespace

void OperatorReader::NameColumns(duckdb::idx_t table,
                                 const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& named) {
  for (size_t i = 0; i < named.size(); i++) {
    std::string& name = names_[{table, i}];
    if (named[i]->GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
      const auto& column = named[i]->Cast<duckdb::BoundColumnRefExpression>();
      const auto known = names_.find({column.binding.table_index, column.binding.column_index});
      if (!column.HasAlias() && known != names_.end()) {
        name = known->second;
        continue;
      }
    }
    name = named[i]->GetName();
  }
}

void OperatorReader::NameColumns(LogicalOperator& op) {
  if (op.type == LogicalOperatorType::LOGICAL_GET) {
    const auto& get = op.Cast<duckdb::LogicalGet>();
    const auto& ids = get.GetColumnIds();
    for (size_t i = 0; i < ids.size(); i++) {
      const bool listed = ids[i].GetPrimaryIndex() < get.names.size();
      names_[{get.table_index, i}] = listed ? get.names[ids[i].GetPrimaryIndex()] : "rows";
    }
  } else if (op.type == LogicalOperatorType::LOGICAL_PROJECTION) {
    NameColumns(op.Cast<duckdb::LogicalProjection>().table_index, op.expressions);
  } else if (op.type == LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY) {
    const auto& aggregate = op.Cast<duckdb::LogicalAggregate>();
    NameColumns(aggregate.group_index, aggregate.groups);
    NameColumns(aggregate.aggregate_index, aggregate.expressions);
  } else if (op.type == LogicalOperatorType::LOGICAL_WINDOW) {
    NameColumns(op.Cast<duckdb::LogicalWindow>().window_index, op.expressions);
  }
}

PlanOperator OperatorReader::Read(LogicalOperator& op) {
  PlanOperator read;
  for (auto& child : op.children) read.children.push_back(Read(*child));
  NameColumns(op);
  op.ResolveOperatorTypes();
  read.name = NameOf(op);
  read.rows = estimates_.rows(op);
  read.bytes = estimates_.bytes(op);
  const auto bindings = op.GetColumnBindings();
  for (size_t i = 0; i < op.types.size(); i++) {
    const auto known =
        i < bindings.size() ? names_.find({bindings[i].table_index, bindings[i].column_index}) : names_.end();
    read.outputs.push_back({known == names_.end() ? "expr_" + std::to_string(i) : known->second,
                            kernel::TrinoTypeName(op.types[i])});
  }
  for (const auto& [key, value] : op.ParamsToString()) {
    // Estimates stand elsewhere.
    if (!key.starts_with("__") && !value.empty()) read.details.emplace_back(key, value);
  }
  if (const auto* source = dynamic_cast<const kernel::LogicalExchangeSource*>(&op)) {
    read.producer = producers_.at(source->exchange_id);
  } else if (op.type == LogicalOperatorType::LOGICAL_GET) {
    if (const auto* scan = connector::ScanOf(op.Cast<duckdb::LogicalGet>())) {
      read.table = {scan->catalog, scan->schema, scan->table_name};
    }
  }
  return read;
}

}  // namespace planaria::planner
