#include "coordinator/plan_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "planner/plan_operators.h"

namespace planaria::coordinator {
namespace {

using nlohmann::json;
using planner::PlanOperator;
using testing::HasSubstr;

/// Fragment 0 scans, fragment 1 filters what it reads of it.
planner::DistributedPlan TwoFragments() {
  PlanOperator scan{
      "TableScan", {{"Filters", "k > 1"}}, {{"k", "bigint"}}, 25, 200, {}, {"tpch", "tiny", "t"}, {}};
  PlanOperator source{"RemoteSource", {}, {{"k", "bigint"}}, 25, 200, 0, {}, {}};
  PlanOperator filter{"Filter", {{"Expressions", "k < \"9\" | {x}"}}, {{"k", "bigint"}}, 5, 40, {}, {},
                      {source}};
  planner::DistributedPlan plan;
  plan.fragments.resize(2);
  plan.fragments[0].id = 0;
  plan.fragments[0].distribution = planner::Distribution::kSource;
  plan.fragments[0].operators = std::make_shared<const PlanOperator>(scan);
  plan.fragments[1].id = 1;
  plan.fragments[1].estimated_rows = 5;
  plan.fragments[1].estimated_bytes = 40;
  plan.fragments[1].operators = std::make_shared<const PlanOperator>(filter);
  plan.column_names = {"k"};
  return plan;
}

TEST(PlanJsonTest, FragmentsAreTrees) {
  const json plan = json::parse(DistributedPlanJson(TwoFragments()));
  ASSERT_EQ(plan.size(), 2u);
  const json& root = plan["1"];
  EXPECT_EQ(root["name"], "Output");
  EXPECT_EQ(root["descriptor"]["columnNames"], "[k]");
  EXPECT_EQ(root["outputs"], json::parse(R"([{"type": "bigint", "name": "k"}])"));
  EXPECT_EQ(root["estimates"][0]["outputRowCount"], 5.0);
  EXPECT_EQ(root["estimates"][0]["cpuCost"], "NaN");
  EXPECT_EQ(root["details"], json::array());
  const json& source = root["children"][0]["children"][0];
  EXPECT_EQ(source["name"], "RemoteSource");
  EXPECT_EQ(source["descriptor"]["sourceFragmentIds"], "[0]");
  EXPECT_EQ(source["children"], json::array());
  EXPECT_EQ(plan["0"]["descriptor"]["table"], "tpch:tiny:t");
  EXPECT_NE(plan["0"]["id"], source["id"]);
}

TEST(PlanJsonTest, TheLogicalPlanIsOneTree) {
  const json root = json::parse(LogicalPlanJson(TwoFragments()));
  const json& exchange = root["children"][0]["children"][0];
  EXPECT_EQ(exchange["name"], "RemoteExchange");
  EXPECT_EQ(exchange["children"][0]["name"], "TableScan");
}

TEST(PlanJsonTest, WhatIsReadAndWritten) {
  const json read = json::parse(IoPlanJson(TwoFragments(), {}));
  ASSERT_EQ(read["inputTableColumnInfos"].size(), 1u);
  EXPECT_EQ(read["inputTableColumnInfos"][0]["table"],
            json::parse(R"({"catalog": "tpch", "schemaTable": {"schema": "tiny", "table": "t"}})"));
  EXPECT_EQ(read["inputTableColumnInfos"][0]["estimate"]["outputRowCount"], 25.0);
  EXPECT_EQ(read["estimate"]["outputRowCount"], 5.0);
  EXPECT_FALSE(read.contains("outputTable"));
  const json written = json::parse(IoPlanJson(TwoFragments(), {"memory", "default", "u"}));
  EXPECT_EQ(written["outputTable"]["schemaTable"]["table"], "u");
}

TEST(PlanJsonTest, GraphsHaveClustersAndEdges) {
  const std::string graph = DistributedPlanGraph(TwoFragments());
  EXPECT_THAT(graph, HasSubstr("digraph distributed_plan {\nsubgraph cluster_1 {\nlabel = \"SINGLE\"\n"));
  EXPECT_THAT(graph, HasSubstr("subgraph cluster_0 {\nlabel = \"SOURCE\"\n"));
  // Output, filter and source are the first three nodes.
  for (const char* edge :
       {"plannode_1 -> plannode_2;", "plannode_2 -> plannode_3;", "plannode_3 -> plannode_4;"}) {
    EXPECT_THAT(graph, HasSubstr(edge));
  }
  EXPECT_THAT(graph, HasSubstr(R"(Expressions = k \< \"9\" \| \{x\})"));
  EXPECT_THAT(LogicalPlanGraph(TwoFragments()), HasSubstr("digraph logical_plan {\nsubgraph cluster_1 {"));
}

}  // namespace
}  // namespace planaria::coordinator
