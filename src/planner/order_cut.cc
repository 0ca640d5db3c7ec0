// ORDER BY and LIMIT: every task sorts or cuts what it has, one task merges or cuts the rest.
#include <algorithm>
#include <utility>

#include "duckdb/planner/operator/list.hpp"
#include "planner/fragmenter.h"
#include "planner/plain_column.h"

namespace planaria::planner {

using duckdb::idx_t;
using kernel::LogicalExchangeSource;

Partitioning Fragmenter::VisitOrder(Operator& op) {
  auto& order = op->Cast<duckdb::LogicalOrder>();
  const Partitioning below = Visit(op->children[0]);
  if (below.single) return below;
  const auto columns = op->children[0]->GetColumnBindings();
  std::vector<kernel::MergeKey> keys;
  for (const auto& node : order.orders) {
    const auto column = AsColumn(*node.expression);
    const auto position = column ? std::find(columns.begin(), columns.end(), *column) : columns.end();
    if (position == columns.end()) return Gather(op->children[0], below);
    keys.push_back({static_cast<idx_t>(position - columns.begin()), node.type, node.null_order});
  }
  // Every task sorts its rows; the reader merges. The sort must keep its keys, so the merge drops what is not
  // needed.
  const auto output = op->GetColumnBindings();
  auto output_columns = std::exchange(order.projection_map, {});
  const Partitioning result = Gather(op, below, true);
  auto& source = static_cast<LogicalExchangeSource&>(*op);
  source.merge_keys = std::move(keys);
  source.bindings = output;
  if (!output_columns.empty()) source.output_columns = std::move(output_columns);
  source.ResolveOperatorTypes();
  return result;
}

Partitioning Fragmenter::VisitTopN(Operator& op) {
  auto& top = op->Cast<duckdb::LogicalTopN>();
  const Partitioning below = Visit(op->children[0]);
  if (below.single) return below;
  duckdb::vector<duckdb::BoundOrderByNode> orders;
  for (const auto& order : top.orders) orders.push_back(order.Copy());
  Operator partial = duckdb::make_uniq<duckdb::LogicalTopN>(std::move(orders), top.limit + top.offset, 0);
  partial->SetEstimatedCardinality(std::min<uint64_t>(Rows(*op->children[0]), top.limit + top.offset));
  partial->children.push_back(std::move(op->children[0]));
  const Partitioning result = Gather(partial, below);
  op->children[0] = std::move(partial);
  return result;
}

Partitioning Fragmenter::VisitLimit(Operator& op) {
  auto& limit = op->Cast<duckdb::LogicalLimit>();
  const Partitioning below = Visit(op->children[0]);
  if (below.single) return below;
  const bool constant_offset = limit.offset_val.Type() == duckdb::LimitNodeType::UNSET ||
                               limit.offset_val.Type() == duckdb::LimitNodeType::CONSTANT_VALUE;
  if (limit.limit_val.Type() != duckdb::LimitNodeType::CONSTANT_VALUE || !constant_offset) {
    return Gather(op->children[0], below);
  }
  const idx_t offset =
      limit.offset_val.Type() == duckdb::LimitNodeType::UNSET ? 0 : limit.offset_val.GetConstantValue();
  const idx_t rows = limit.limit_val.GetConstantValue() + offset;
  Operator partial = duckdb::make_uniq<duckdb::LogicalLimit>(
      duckdb::BoundLimitNode::ConstantValue(static_cast<int64_t>(rows)), duckdb::BoundLimitNode());
  partial->SetEstimatedCardinality(std::min<uint64_t>(Rows(*op->children[0]), rows));
  partial->children.push_back(std::move(op->children[0]));
  const Partitioning result = Gather(partial, below);
  ForClosed([&](Fragment& fragment) { fragment.row_limit = rows; });
  op->children[0] = std::move(partial);
  return result;
}

}  // namespace planaria::planner
