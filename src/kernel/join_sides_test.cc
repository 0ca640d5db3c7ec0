#include "kernel/join_sides.h"

#include <gtest/gtest.h>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "kernel/engine.h"
#include "kernel/exchange_operator.h"

namespace planaria::kernel {
namespace {

using duckdb::ColumnBinding;
using duckdb::LogicalType;

duckdb::unique_ptr<LogicalExchangeSource> Source(uint32_t exchange, duckdb::idx_t table) {
  return duckdb::make_uniq<LogicalExchangeSource>(
      exchange, duckdb::vector<ColumnBinding>{{table, 0}, {table, 1}},
      duckdb::vector<LogicalType>{LogicalType::BIGINT, LogicalType::VARCHAR}, 1000);
}

duckdb::unique_ptr<duckdb::Expression> Column(duckdb::idx_t table) {
  return duckdb::make_uniq<duckdb::BoundColumnRefExpression>(LogicalType::BIGINT, ColumnBinding(table, 0));
}

/// Exchange 1 joined with exchange 2 (the build side), written out by the first one's key.
duckdb::unique_ptr<LogicalExchangeSink> Fragment() {
  auto join = duckdb::make_uniq<duckdb::LogicalComparisonJoin>(duckdb::JoinType::INNER);
  join->children.push_back(Source(1, 10));
  join->children.push_back(Source(2, 20));
  duckdb::JoinCondition condition;
  condition.left = Column(10);
  condition.right = Column(20);
  condition.comparison = duckdb::ExpressionType::COMPARE_EQUAL;
  join->conditions.push_back(std::move(condition));
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys;
  keys.push_back(Column(10));
  auto sink = duckdb::make_uniq<LogicalExchangeSink>(4, std::move(keys), false);
  sink->children.push_back(std::move(join));
  sink->ResolveOperatorTypes();
  return sink;
}

const duckdb::LogicalOperator& JoinIn(const duckdb::LogicalOperator& plan) {
  return plan.type == duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN ? plan : JoinIn(*plan.children[0]);
}

uint32_t BuildSide(const duckdb::LogicalOperator& plan) {
  return dynamic_cast<const LogicalExchangeSource&>(*JoinIn(plan).children[1]).exchange_id;
}

class JoinSides : public testing::Test {
 protected:
  Engine engine_{{.threads = 1, .memory_limit = 0, .temp_directory = ""}};
  std::unique_ptr<duckdb::Connection> connection_ = engine_.Connect();
};

TEST_F(JoinSides, AJoinWhoseBuildSideIsLargerTurnsRound) {
  auto fragment = Fragment();
  ChooseJoinSides(*connection_->context, *fragment, {{1, 10}, {2, 1'000'000}});
  EXPECT_EQ(BuildSide(*fragment), 1u);
  const auto bindings = fragment->children[0]->GetColumnBindings();
  ASSERT_EQ(bindings.size(), 4u);
  EXPECT_EQ(fragment->children[0]->types,
            (duckdb::vector<LogicalType>{LogicalType::BIGINT, LogicalType::VARCHAR, LogicalType::BIGINT,
                                         LogicalType::VARCHAR}));
  const auto& key = fragment->expressions[0]->Cast<duckdb::BoundColumnRefExpression>();
  EXPECT_EQ(key.binding, bindings[0]) << "the key is still the first column of exchange 1";
  const auto& first = fragment->children[0]->expressions[0]->Cast<duckdb::BoundColumnRefExpression>();
  EXPECT_EQ(first.binding, ColumnBinding(10, 0));
}

TEST_F(JoinSides, OthersStayAsPlanned) {
  auto right = Fragment();
  ChooseJoinSides(*connection_->context, *right, {{1, 1'000'000}, {2, 10}});
  EXPECT_EQ(BuildSide(*right), 2u);
  EXPECT_EQ(right->children[0]->type, duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN);
  auto unknown = Fragment();
  ChooseJoinSides(*connection_->context, *unknown, {});
  EXPECT_EQ(BuildSide(*unknown), 2u);
}

}  // namespace
}  // namespace planaria::kernel
