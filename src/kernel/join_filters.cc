#include "kernel/join_filters.h"

#include <algorithm>

#include "duckdb/execution/operator/join/join_filter_pushdown.hpp"
#include "duckdb/optimizer/join_filter_pushdown_optimizer.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "kernel/exchange_operator.h"

namespace planaria::kernel {
namespace {

/// Delimiter joins keep what DuckDB says of them: their build side stands on the left.
void TellOfExchanges(duckdb::LogicalOperator& plan) {
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN) {
    auto& join = plan.Cast<duckdb::LogicalComparisonJoin>();
    const bool delimited = join.children[1]->type == duckdb::LogicalOperatorType::LOGICAL_DELIM_GET;
    if (join.filter_pushdown && !delimited && IsFiltering(*join.children[1]))
      join.filter_pushdown->build_side_has_filter = true;
  }
  for (auto& child : plan.children) TellOfExchanges(*child);
}

}  // namespace

bool IsFiltering(const duckdb::LogicalOperator& plan) {
  switch (plan.type) {
    case duckdb::LogicalOperatorType::LOGICAL_GET:
      return !plan.Cast<duckdb::LogicalGet>().table_filters.filters.empty();
    case duckdb::LogicalOperatorType::LOGICAL_FILTER:
    case duckdb::LogicalOperatorType::LOGICAL_TOP_N:
      return true;
    default:
      break;
  }
  if (const auto* source = dynamic_cast<const LogicalExchangeSource*>(&plan)) return source->filtered;
  return std::any_of(plan.children.begin(), plan.children.end(),
                     [](const auto& child) { return IsFiltering(*child); });
}

void LinkJoinFilters(duckdb::ClientContext& context, duckdb::LogicalOperator& fragment) {
  const auto binder = duckdb::Binder::CreateBinder(context);
  duckdb::Optimizer optimizer(*binder, context);
  duckdb::JoinFilterPushdownOptimizer join_filters(optimizer);
  join_filters.VisitOperator(fragment);
  TellOfExchanges(fragment);
}

}  // namespace planaria::kernel
