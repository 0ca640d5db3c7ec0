#include "kernel/join_sides.h"

#include <algorithm>

#include "duckdb/optimizer/build_probe_side_optimizer.hpp"
#include "duckdb/optimizer/column_binding_replacer.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_join.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "kernel/exchange_operator.h"

namespace planaria::kernel {

using duckdb::ColumnBinding;
using duckdb::idx_t;
using duckdb::LogicalOperator;

namespace {

/// Above every index of the plan, below the exchange sink's.
constexpr idx_t kRestoringTableIndex = (idx_t{1} << 40) - 1;

/// True when a source got a size.
bool TellSizes(LogicalOperator& plan, const std::map<uint32_t, uint64_t>& input_rows) {
  bool told = false;
  if (auto* source = dynamic_cast<LogicalExchangeSource*>(&plan)) {
    const auto rows = input_rows.find(source->exchange_id);
    if (rows != input_rows.end()) {
      source->SetEstimatedCardinality(rows->second);
      told = true;
    }
  }
  for (auto& child : plan.children) told |= TellSizes(*child, input_rows);
  return told;
}

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
  if (!HasJoin(fragment) || !TellSizes(fragment, input_rows)) return;
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
