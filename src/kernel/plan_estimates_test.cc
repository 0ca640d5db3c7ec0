#include "kernel/plan_estimates.h"

#include <gtest/gtest.h>

#include "duckdb/execution/operator/join/join_filter_pushdown.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_filter.hpp"
#include "kernel/engine.h"
#include "kernel/exchange_operator.h"
#include "kernel/join_filters.h"
#include "kernel/join_sides.h"

namespace planaria::kernel {
namespace {

using duckdb::ColumnBinding;
using duckdb::LogicalType;
using Operator = duckdb::unique_ptr<duckdb::LogicalOperator>;

Operator Source(uint32_t exchange, duckdb::idx_t table, bool filtered = false) {
  auto source =
      duckdb::make_uniq<LogicalExchangeSource>(exchange, duckdb::vector<ColumnBinding>{{table, 0}},
                                               duckdb::vector<LogicalType>{LogicalType::BIGINT}, 1000);
  source->filtered = filtered;
  return source;
}

/// One row of a hundred passes, by estimate.
Operator Filtered(Operator child) {
  auto filter = duckdb::make_uniq<duckdb::LogicalFilter>();
  filter->SetEstimatedCardinality(child->estimated_cardinality / 100);
  filter->children.push_back(std::move(child));
  return filter;
}

Operator Joined(Operator probe, ColumnBinding probe_key, Operator build, ColumnBinding build_key) {
  auto join = duckdb::make_uniq<duckdb::LogicalComparisonJoin>(duckdb::JoinType::INNER);
  join->children.push_back(std::move(probe));
  join->children.push_back(std::move(build));
  duckdb::JoinCondition condition;
  condition.left = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(LogicalType::BIGINT, probe_key);
  condition.right = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(LogicalType::BIGINT, build_key);
  condition.comparison = duckdb::ExpressionType::COMPARE_EQUAL;
  join->conditions.push_back(std::move(condition));
  join->ResolveOperatorTypes();
  return join;
}

duckdb::LogicalComparisonJoin& JoinIn(duckdb::LogicalOperator& plan) {
  return plan.type == duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN
             ? plan.Cast<duckdb::LogicalComparisonJoin>()
             : JoinIn(*plan.children[0]);
}

class PlanEstimates : public testing::Test {
 protected:
  Engine engine_{{.threads = 1, .memory_limit = 0, .temp_directory = ""}};
  std::unique_ptr<duckdb::Connection> connection_ = engine_.Connect();
};

TEST_F(PlanEstimates, AreGivenBackToTheSamePlanOnly) {
  const Operator plan = Filtered(Source(1, 10));
  const auto estimates = EstimatesOf(*plan);
  EXPECT_EQ(estimates, (duckdb::vector<duckdb::idx_t>{10, 1000}));
  const Operator same = Filtered(Source(1, 10));
  same->has_estimated_cardinality = false;
  EXPECT_EQ(EstimatesOf(*same)[0], kNoEstimate);
  RestoreEstimates(*same, estimates);
  EXPECT_EQ(same->estimated_cardinality, 10u);
  EXPECT_THROW(RestoreEstimates(*same, {10}), duckdb::SerializationException);
  EXPECT_THROW(RestoreEstimates(*same, {10, 1000, 1}), duckdb::SerializationException);
}

TEST_F(PlanEstimates, FollowTheSizesOfTheInputs) {
  const Operator plan = Filtered(Source(1, 10));
  EXPECT_FALSE(RefineEstimates(*plan, {{2, 50'000}}));
  EXPECT_EQ(plan->estimated_cardinality, 10u);
  EXPECT_TRUE(RefineEstimates(*plan, {{1, 50'000}}));
  EXPECT_EQ(plan->estimated_cardinality, 500u);
}

TEST_F(PlanEstimates, ALargeInputThatIsFilteredIsStillTheSmallerSide) {
  auto sink = duckdb::make_uniq<LogicalExchangeSink>(
      1, duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>(), false);
  sink->children.push_back(Joined(Source(1, 10), {10, 0}, Filtered(Source(2, 20)), {20, 0}));
  sink->ResolveOperatorTypes();
  ChooseJoinSides(*connection_->context, *sink, {{1, 2'000}, {2, 10'000}});
  EXPECT_EQ(JoinIn(*sink).children[1]->type, duckdb::LogicalOperatorType::LOGICAL_FILTER);
}

TEST_F(PlanEstimates, ABuildSideFromAnExchangeSaysWhetherItIsFiltered) {
  EXPECT_TRUE(IsFiltering(*Filtered(Source(1, 10))));
  EXPECT_FALSE(IsFiltering(*Source(1, 10)));
  connection_->Query("CREATE TABLE probe AS SELECT range AS key FROM range(10)");
  for (const bool filtered : {true, false}) {
    Operator scan = connection_->ExtractPlan("SELECT key FROM probe");
    while (!scan->children.empty()) scan = Operator(std::move(scan->children[0]));
    const ColumnBinding key = scan->GetColumnBindings()[0];
    const Operator join = Joined(std::move(scan), key, Source(1, 1'000'000, filtered), {1'000'000, 0});
    LinkJoinFilters(*connection_->context, *join);
    const auto& links = JoinIn(*join).filter_pushdown;
    ASSERT_TRUE(links);
    ASSERT_EQ(links->probe_info.size(), 1u);
    EXPECT_EQ(links->build_side_has_filter, filtered);
  }
}

}  // namespace
}  // namespace planaria::kernel
