// A plan as EXPLAIN's JSON and GRAPHVIZ show it.
#pragma once

#include <string>
#include <vector>

#include "planner/distributed_plan.h"

namespace planaria::coordinator {

// Fragments must have operators.

/// By the number of each fragment, the root first, its tree of nodes: id, name, descriptor, outputs, details,
/// estimates, children.
std::string DistributedPlanJson(const planner::DistributedPlan& plan);

/// One tree, with an exchange where a fragment ends.
std::string LogicalPlanJson(const planner::DistributedPlan& plan);

/// The tables that the statement reads, and the one that it writes (catalog, schema, name; empty: none).
std::string IoPlanJson(const planner::DistributedPlan& plan, const std::vector<std::string>& output_table);

/// Graphs in the language of Graphviz, a cluster for each fragment, or one.
std::string DistributedPlanGraph(const planner::DistributedPlan& plan);
std::string LogicalPlanGraph(const planner::DistributedPlan& plan);

}  // namespace planaria::coordinator
