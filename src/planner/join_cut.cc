// How joins are distributed: a small side goes to every task of the other, else both sides are partitioned by
// the join keys, else everything is gathered.
#include <algorithm>
#include <optional>

#include "duckdb/planner/operator/list.hpp"
#include "planner/fragmenter.h"
#include "planner/plain_column.h"
#include "planner/splittable_inputs.h"

namespace planaria::planner {

using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::ExpressionType;
using duckdb::idx_t;
using duckdb::JoinType;
using duckdb::LogicalOperatorType;
using kernel::LogicalExchangeSource;

namespace {

/// The join keys in the order in which `keys` partitions `side` (0 left, 1 right) already; empty when it does
/// not partition by join keys only.
std::vector<idx_t> KeyOrder(const duckdb::LogicalComparisonJoin& join, size_t side,
                            const std::vector<PartitionKey>& keys) {
  std::vector<idx_t> order;
  for (const PartitionKey& key : keys) {
    std::optional<idx_t> found;
    for (idx_t i = 0; i < join.conditions.size() && !found; i++) {
      if (!IsJoinKey(join.conditions[i])) continue;
      const auto column = AsColumn(side == 0 ? *join.conditions[i].left : *join.conditions[i].right);
      if (column && std::find(key.begin(), key.end(), *column) != key.end()) found = i;
    }
    if (!found) return {};
    order.push_back(*found);
  }
  return order;
}

/// Keys of the joined rows: for an inner join both sides' columns hold the value.
std::vector<PartitionKey> JoinedKeys(const duckdb::LogicalComparisonJoin& join,
                                     const std::vector<idx_t>& order) {
  std::vector<PartitionKey> keys;
  const JoinType type = join.join_type;
  const bool left_holds = type != JoinType::RIGHT && type != JoinType::OUTER;
  const bool right_holds = type == JoinType::INNER || type == JoinType::RIGHT;
  for (const idx_t i : order) {
    PartitionKey key;
    const auto left = AsColumn(*join.conditions[i].left);
    const auto right = AsColumn(*join.conditions[i].right);
    if (left && left_holds) key.push_back(*left);
    if (right && right_holds) key.push_back(*right);
    if (key.empty()) return {};
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

Partitioning Fragmenter::ReplicateSide(Operator& op, size_t side, const Partitioning& replicated,
                                       const Partitioning& kept) {
  // A piece that is one task already and joins one task needs no exchange.
  if (replicated.single && kept.single) {
    Partitioning result = kept;
    result.coordinator |= replicated.coordinator;
    return result;
  }
  const auto type = kept.single ? ExchangeType::kGather : ExchangeType::kReplicate;
  auto& source = Close(op->children[side], replicated, type, 1, {}, false);
  source_partitioning_[source.exchange_id] = Partitioning::Single();
  return kept;
}

Partitioning Fragmenter::ReplicateUnlessLarge(Operator& op, size_t side, const Partitioning& replicated,
                                              const Partitioning& kept) {
  auto& join = op->Cast<duckdb::LogicalComparisonJoin>();
  const bool partitionable = join.join_type != JoinType::MARK &&
                             std::any_of(join.conditions.begin(), join.conditions.end(), IsJoinKey);
  const auto limit = partitionable ? LimitOfPlannedBroadcast(*op, side, kept) : std::nullopt;
  if (!limit) return ReplicateSide(op, side, replicated, kept);
  // Partitioned from the start, so that it can be read either way.
  const uint32_t count = PartitionCountFor(Bytes(*op->children[1 - side]) + *limit);
  auto& source = Close(op->children[side], replicated, ExchangeType::kRepartitionHash, count,
                       JoinKeys(join, side), false);
  source.partitioned = false;
  source_partitioning_[source.exchange_id] = Partitioning::Single();
  TwoPlans plans;
  plans.join = &join;
  plans.side = side;
  plans.choice.decider = source_producer_.at(source.exchange_id);
  plans.choice.max_broadcast_bytes = *limit;
  plans.choice.planned_broadcast = true;
  plans.broadcast = kept;
  plans.partitioned = Partitioning::Hash(count, {});
  two_plans_.push_back(std::move(plans));
  Partitioning result = kept;
  result.two_plans = two_plans_.size() - 1;
  return result;
}

Partitioning Fragmenter::PartitionJoin(Operator& op, const Partitioning& left, const Partitioning& right) {
  auto& join = op->Cast<duckdb::LogicalComparisonJoin>();
  auto left_order = left.single ? std::vector<idx_t>{} : KeyOrder(join, 0, left.keys);
  auto right_order = right.single ? std::vector<idx_t>{} : KeyOrder(join, 1, right.keys);
  if (!left_order.empty() && left_order == right_order && left.SameTasks(right)) {
    Partitioning result = left.AsPlanned();
    result.keys = JoinedKeys(join, left_order);
    return result;
  }
  // Keep the side that lies right already (the larger, if both do) and bring the other to it.
  if (!left_order.empty() && !right_order.empty()) {
    (Bytes(*op->children[0]) >= Bytes(*op->children[1]) ? right_order : left_order).clear();
  }
  std::vector<idx_t> order = !left_order.empty() ? left_order : right_order;
  uint32_t count = !left_order.empty() ? left.partition_count : right.partition_count;
  if (order.empty()) {
    for (idx_t i = 0; i < join.conditions.size(); i++) {
      if (IsJoinKey(join.conditions[i])) order.push_back(i);
    }
    count = PartitionCountFor(Bytes(*op->children[0]) + Bytes(*op->children[1]));
  }
  const Partitioning* lie[] = {&left, &right};
  const auto bring = [&](size_t side, Operator* closed) {
    Expressions keys;
    for (const idx_t i : order) {
      keys.push_back((side == 0 ? join.conditions[i].left : join.conditions[i].right)->Copy());
    }
    auto& source = Close(op->children[side], *lie[side], ExchangeType::kRepartitionHash, count,
                         std::move(keys), false, closed);
    source_partitioning_[source.exchange_id] = Partitioning::Hash(count, {});
    return source_producer_.at(source.exchange_id);
  };
  Partitioning result = Partitioning::Hash(count, JoinedKeys(join, order));
  if (!left_order.empty() || !right_order.empty()) {
    bring(left_order.empty() ? 0 : 1, nullptr);
    return result;
  }
  // Should the smaller side turn out small enough, the other need not be moved.
  const size_t small = Bytes(*op->children[0]) < Bytes(*op->children[1]) ? 0 : 1;
  const bool may_replicate =
      small == 0 ? RightRowsAreIndependent(join.join_type) : LeftRowsAreIndependent(join.join_type);
  const auto limit = may_replicate ? LimitOfPlannedShuffle(*op, small, *lie[1 - small]) : std::nullopt;
  Operator other;
  uint32_t producers[2];
  for (const size_t side : {0, 1}) producers[side] = bring(side, limit && side != small ? &other : nullptr);
  if (!limit) return result;
  TwoPlans plans;
  plans.join = &join;
  plans.side = small;
  plans.choice.decider = producers[small];
  plans.choice.max_broadcast_bytes = *limit;
  plans.choice.shuffle = producers[1 - small];
  plans.broadcast = *lie[1 - small];
  plans.partitioned = result;
  plans.other = std::move(other);
  two_plans_.push_back(std::move(plans));
  result.two_plans = two_plans_.size() - 1;
  return result;
}

Partitioning Fragmenter::VisitJoin(Operator& op) {
  auto& join = op->Cast<duckdb::LogicalComparisonJoin>();
  // Pointers between operators of one process; made again where the fragment runs.
  join.filter_pushdown.reset();
  const Partitioning left = Visit(op->children[0]);
  const Partitioning right = Visit(op->children[1]);
  if (left.single && right.single) return ReplicateSide(op, 1, right, left);

  const bool has_key = std::any_of(join.conditions.begin(), join.conditions.end(), IsJoinKey);
  const bool may_right = LeftRowsAreIndependent(join.join_type);
  const bool may_left = RightRowsAreIndependent(join.join_type);
  const uint64_t left_rows = Rows(*op->children[0]), right_rows = Rows(*op->children[1]);
  // Rows moved and hashed: once per task when replicated, once where a side must be partitioned anew. A large
  // table is the slower to make and to look into the less of it caches hold; partitions of it are small ones.
  const uint64_t partition_cost = (KeyOrder(join, 0, left.keys).empty() ? left_rows : 0) +
                                  (KeyOrder(join, 1, right.keys).empty() ? right_rows : 0);
  const auto worth = [&](size_t side, const Partitioning& kept) {
    const uint64_t copies = kept.single ? 1 : TasksOf(*op->children[1 - side], kept);
    const uint64_t rows = side == 0 ? left_rows : right_rows;
    const uint64_t bytes = Bytes(*op->children[side]);
    const uint64_t width = bytes / std::max<uint64_t>(1, rows);
    return bytes <= std::min(options_.max_broadcast_bytes, LargestBroadcast(partition_cost * width, copies));
  };
  // NOT IN must know of a null anywhere in the right side: it is never partitioned.
  const bool partitionable = has_key && join.join_type != JoinType::MARK;
  if (may_right && !left.single && worth(1, left)) return ReplicateUnlessLarge(op, 1, right, left);
  if (may_left && !right.single && worth(0, right)) return ReplicateUnlessLarge(op, 0, left, right);
  if (partitionable) return PartitionJoin(op, left, right);
  if (may_right && !left.single) return ReplicateSide(op, 1, right, left);
  if (may_left && !right.single) return ReplicateSide(op, 0, left, right);
  gathered_because_ = "join without equality";
  const Partitioning gathered_left = Gather(op->children[0], left);
  const Partitioning gathered_right = Gather(op->children[1], right);
  return ReplicateSide(op, 1, gathered_right, gathered_left);
}

Partitioning Fragmenter::VisitUnconditionalJoin(Operator& op, bool may_replicate_right) {
  const Partitioning left = Visit(op->children[0]);
  const Partitioning right = Visit(op->children[1]);
  const bool cross = op->type == LogicalOperatorType::LOGICAL_CROSS_PRODUCT;
  if (cross && left.single && !right.single) return ReplicateSide(op, 0, left, right);
  if (cross && !right.single && Rows(*op->children[0]) < Rows(*op->children[1])) {
    return ReplicateSide(op, 0, left, right);
  }
  if (may_replicate_right && !left.single) return ReplicateSide(op, 1, right, left);
  if (!left.single || !right.single) gathered_because_ = "outer join without equality";
  const Partitioning gathered_left = Gather(op->children[0], left);
  const Partitioning gathered_right = Gather(op->children[1], right);
  return ReplicateSide(op, 1, gathered_right, gathered_left);
}

void Fragmenter::ReplaceDelimGets(Operator& op, const LogicalExchangeSource& outer,
                                  const Expressions& duplicates) {
  if (op->type == LogicalOperatorType::LOGICAL_DELIM_JOIN) {
    // The delim gets of an inner delim join are its own; only its outer side may hold ours.
    auto& inner = op->Cast<duckdb::LogicalComparisonJoin>();
    ReplaceDelimGets(op->children[inner.delim_flipped ? 1 : 0], outer, duplicates);
    return;
  }
  if (op->type == LogicalOperatorType::LOGICAL_DELIM_GET) {
    auto& get = op->Cast<duckdb::LogicalDelimGet>();
    auto distinct = duckdb::make_uniq<duckdb::LogicalAggregate>(get.table_index, binder_.GenerateTableIndex(),
                                                                Expressions());
    distinct->groupings_index = binder_.GenerateTableIndex();
    duckdb::GroupingSet set;
    for (const auto& duplicate : duplicates) {
      set.insert(distinct->groups.size());
      distinct->groups.push_back(duplicate->Copy());
    }
    distinct->grouping_sets.push_back(std::move(set));
    distinct->group_stats.resize(duplicates.size());
    distinct->SetEstimatedCardinality(get.has_estimated_cardinality ? get.estimated_cardinality
                                                                    : outer.estimated_cardinality);
    distinct->children.push_back(ReadAgain(outer));
    distinct->ResolveOperatorTypes();
    op = std::move(distinct);
    return;
  }
  for (auto& child : op->children) ReplaceDelimGets(child, outer, duplicates);
}

Partitioning Fragmenter::VisitDelimJoin(Operator& op) {
  auto& join = op->Cast<duckdb::LogicalComparisonJoin>();
  const size_t outer_side = join.delim_flipped ? 1 : 0;
  const Partitioning outer = Visit(op->children[outer_side]);
  Expressions keys;
  for (const auto& condition : join.conditions) {
    if (IsJoinKey(condition)) keys.push_back((outer_side == 0 ? condition.left : condition.right)->Copy());
  }
  LogicalExchangeSource* source = nullptr;
  if (outer.single) {
    source = &Close(op->children[outer_side], outer, ExchangeType::kGather, 1, {}, false);
    source_partitioning_[source->exchange_id] = Partitioning::Single();
  } else {
    Repartition(op->children[outer_side], outer, std::move(keys));
    source = &static_cast<LogicalExchangeSource&>(*op->children[outer_side]);
  }
  ReplaceDelimGets(op->children[1 - outer_side], *source, join.duplicate_eliminated_columns);
  join.duplicate_eliminated_columns.clear();
  join.delim_flipped = false;
  join.type = LogicalOperatorType::LOGICAL_COMPARISON_JOIN;
  return VisitJoin(op);
}

}  // namespace planaria::planner
