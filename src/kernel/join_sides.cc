#include "kernel/join_sides.h"

#include <algorithm>

#include "duckdb/optimizer/build_probe_side_optimizer.hpp"
#include "duckdb/optimizer/column_binding_replacer.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_join.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "kernel/plan_estimates.h"

namespace planaria::kernel {

using duckdb::ColumnBinding;
using duckdb::idx_t;
using duckdb::LogicalOperator;

namespace {

/// Above every index of the plan, below the exchange sink's.
constexpr idx_t kRestoringTableIndex = (idx_t{1} << 40) - 1;

bool HasJoin(const LogicalOperator& plan) {
  return plan.type == duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN ||
         std::any_of(plan.children.begin(), plan.children.end(),
                     [](const auto& child) { return HasJoin(*child); });
}

/// The sink writes columns by position and its readers count on them: a projection puts them back in order.
void RestoreColumns(duckdb::unique_ptr<LogicalOperator>& child, LogicalOperator& sink,
                    const duckdb::vector<ColumnBinding>& bindings,
                    const duckdb::vector<duckdb::LogicalType>& types) {
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> columns;
  duckdb::ColumnBindingReplacer keys;
  for (idx_t i = 0; i < bindings.size(); i++) {
    columns.push_back(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(types[i], bindings[i]));
    keys.replacement_bindings.emplace_back(bindings[i], ColumnBinding(kRestoringTableIndex, i));
  }
  for (auto& key : sink.expressions) keys.VisitExpression(&key);
  auto projection = duckdb::make_uniq<duckdb::LogicalProjection>(kRestoringTableIndex, std::move(columns));
  projection->children.push_back(std::move(child));
  projection->ResolveOperatorTypes();
  child = std::move(projection);
}

}  // namespace

void ChooseJoinSides(duckdb::ClientContext& context, LogicalOperator& fragment,
                     const std::map<uint32_t, uint64_t>& input_rows) {
  if (!RefineEstimates(fragment, input_rows) || !HasJoin(fragment)) return;
  LogicalOperator& sink = fragment;
  auto& child = sink.children[0];
  const auto bindings = child->GetColumnBindings();
  child->ResolveOperatorTypes();
  const auto types = child->types;
  duckdb::BuildProbeSideOptimizer(context, *child).VisitOperator(*child);
  if (child->GetColumnBindings() != bindings) RestoreColumns(child, sink, bindings, types);
  fragment.ResolveOperatorTypes();
}

}  // namespace planaria::kernel
