// Joins that are planned both ways, broadcast and partitioned, because the optimizer's estimate of one side
// may be wrong: which of them, and their fragments.
#include <algorithm>
#include <limits>

#include "duckdb/planner/operator/list.hpp"
#include "planner/fragmenter.h"

namespace planaria::planner {

using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using kernel::LogicalExchangeSink;
using kernel::LogicalExchangeSource;

namespace {

constexpr uint64_t kAny = std::numeric_limits<uint64_t>::max();

/// A broadcast that was planned is given up only for a side that is far too large, not for one that is a
/// little above the limit.
constexpr uint64_t kFarTooLarge = 2;
/// While the decider's tables are read, the other side's tasks may run in slots that it leaves idle: it has
/// to be through long before them, or they do too much in vain.
constexpr uint64_t kDeciderIsSmallerBy = 2;

/// No task that has neighbours is cut smaller (scheduler::QueryLimits).
constexpr uint64_t kSmallestTaskBytes = uint64_t{8} << 20;
/// How many times smaller than in memory columns are in files, about.
constexpr uint64_t kCompression = 3;
/// Of a processor's core, and of all of it.
constexpr uint64_t kFitsNearCache = 4 << 20;
constexpr uint64_t kFitsCache = 32 << 20;

uint64_t Times(uint64_t a, uint64_t b) { return a != 0 && b > kAny / a ? kAny : a * b; }

/// Rows that the piece takes in: of its tables, without filters, and with `fragments`, of other fragments.
uint64_t RowsRead(duckdb::ClientContext& context, LogicalOperator& op, bool fragments) {
  if (auto* source = dynamic_cast<LogicalExchangeSource*>(&op)) {
    return fragments ? source->estimated_cardinality : 0;
  }
  if (op.type == LogicalOperatorType::LOGICAL_GET) {
    const auto* scan = connector::ScanOf(op.Cast<duckdb::LogicalGet>());
    return (scan ? scan->table->row_count() : std::nullopt).value_or(op.EstimateCardinality(context));
  }
  uint64_t rows = 0;
  for (auto& child : op.children) rows += RowsRead(context, *child, fragments);
  return rows;
}

/// Bytes in files of the columns that the piece reads, which splits are weighed by.
uint64_t BytesScanned(const LogicalOperator& op) {
  uint64_t bytes = 0;
  if (op.type == LogicalOperatorType::LOGICAL_GET) {
    const auto& get = op.Cast<duckdb::LogicalGet>();
    const auto* scan = connector::ScanOf(get);
    if (scan == nullptr) return 0;
    uint64_t width = 0;
    for (const duckdb::ColumnIndex& column : get.GetColumnIds()) {
      if (column.GetPrimaryIndex() < get.returned_types.size())
        width += WidthOf(get.returned_types[column.GetPrimaryIndex()]);
    }
    bytes = Times(scan->table->row_count().value_or(0), width) / kCompression;
  }
  for (const auto& child : op.children) bytes += BytesScanned(*child);
  return bytes;
}

/// Whether anything in the piece leaves an unknown part of its rows out.
bool MayShrink(const LogicalOperator& op) {
  if (op.type == LogicalOperatorType::LOGICAL_GET) {
    return !op.Cast<duckdb::LogicalGet>().table_filters.filters.empty();
  }
  return op.type != LogicalOperatorType::LOGICAL_PROJECTION || MayShrink(*op.children[0]);
}

}  // namespace

bool IsJoinKey(const duckdb::JoinCondition& condition) {
  return condition.comparison == duckdb::ExpressionType::COMPARE_EQUAL ||
         condition.comparison == duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM;
}

duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> JoinKeys(const duckdb::LogicalComparisonJoin& join,
                                                                size_t side) {
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys;
  for (const auto& condition : join.conditions) {
    if (IsJoinKey(condition)) keys.push_back((side == 0 ? condition.left : condition.right)->Copy());
  }
  return keys;
}

uint64_t Fragmenter::MaxRows(LogicalOperator& op) {
  if (auto* source = dynamic_cast<LogicalExchangeSource*>(&op)) {
    const auto known = source_max_rows_.find(source->exchange_id);
    return known == source_max_rows_.end() ? kAny : known->second;
  }
  const auto child = [&](size_t i) { return MaxRows(*op.children[i]); };
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_GET: {
      const auto* scan = connector::ScanOf(op.Cast<duckdb::LogicalGet>());
      return scan ? scan->table->row_count().value_or(kAny) : kAny;
    }
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_ORDER_BY:
    case LogicalOperatorType::LOGICAL_DISTINCT:
    case LogicalOperatorType::LOGICAL_WINDOW:
    case LogicalOperatorType::LOGICAL_LIMIT:
      return child(0);
    case LogicalOperatorType::LOGICAL_TOP_N: {
      const auto& top = op.Cast<duckdb::LogicalTopN>();
      return std::min<uint64_t>(child(0), top.limit + top.offset);
    }
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY: {
      const auto& aggregate = op.Cast<duckdb::LogicalAggregate>();
      // Every task may give a row for no rows.
      const uint64_t sets = std::max<uint64_t>(1, aggregate.grouping_sets.size());
      return std::max<uint64_t>(Times(child(0), sets), sets);
    }
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
      switch (op.Cast<duckdb::LogicalComparisonJoin>().join_type) {
        case JoinType::SEMI:
        case JoinType::ANTI:
        case JoinType::MARK:
        case JoinType::SINGLE:
          return child(0);
        case JoinType::RIGHT_SEMI:
        case JoinType::RIGHT_ANTI:
          return child(1);
        case JoinType::INNER:
          return Times(child(0), child(1));
        default:
          return kAny;
      }
    default:
      return kAny;
  }
}

uint64_t Fragmenter::TasksOf(LogicalOperator& op, const Partitioning& lies) {
  const uint64_t workers = std::max<uint64_t>(1, options_.worker_count);
  const uint64_t task_bytes = std::max(kSmallestTaskBytes, options_.scan_task_bytes);
  const double hash_tasks = static_cast<double>(workers) * options_.hash_tasks_per_worker;
  if (!lies.source) return std::max({uint64_t{1}, static_cast<uint64_t>(hash_tasks), Bytes(op) / task_bytes});
  const uint64_t by_size = BytesScanned(op) / task_bytes + 1;
  return by_size <= workers ? workers : (by_size + workers - 1) / workers * workers;
}

uint64_t Fragmenter::LargestBroadcast(uint64_t bytes, uint64_t copies) {
  for (const auto& [from, slower] : {std::pair{kFitsCache, uint64_t{4}}, {kFitsNearCache, uint64_t{2}}}) {
    // At the border the faster of two sizes may be worth more.
    if (bytes / copies / slower > from) return bytes / copies / slower;
    if (bytes / copies / (slower / 2) > from) return from;
  }
  return bytes / copies;
}

std::optional<uint64_t> Fragmenter::LimitOfPlannedBroadcast(LogicalOperator& join, size_t side,
                                                            const Partitioning& kept) {
  if (!options_.adaptive || kept.single || kept.two_plans || options_.max_broadcast_bytes == 0) {
    return std::nullopt;
  }
  LogicalOperator& small = *join.children[side];
  LogicalOperator& other = *join.children[1 - side];
  const uint64_t worthwhile =
      std::max(Times(kFarTooLarge, Bytes(small)), LargestBroadcast(Bytes(other), TasksOf(other, kept)));
  const uint64_t limit = std::min(Times(kFarTooLarge, options_.max_broadcast_bytes), worthwhile);
  const uint64_t rows = std::max<uint64_t>(1, Rows(small));
  if (Times(MaxRows(small), std::max<uint64_t>(1, Bytes(small) / rows)) <= limit) return std::nullopt;
  return limit;
}

std::optional<uint64_t> Fragmenter::LimitOfPlannedShuffle(LogicalOperator& join, size_t side,
                                                          const Partitioning& other_lies) {
  if (!options_.adaptive || other_lies.single || other_lies.two_plans) return std::nullopt;
  LogicalOperator& decider = *join.children[side];
  LogicalOperator& other = *join.children[1 - side];
  if (!MayShrink(decider)) return std::nullopt;
  // Where it reads other fragments, the slots are theirs until then.
  if (Times(kDeciderIsSmallerBy, RowsRead(context_, decider, false)) > RowsRead(context_, other, true))
    return std::nullopt;
  // Read by every task, it must be less than what the other side would have to be written and read.
  const uint64_t limit =
      std::min(options_.max_broadcast_bytes, LargestBroadcast(Bytes(other), TasksOf(other, other_lies)));
  return limit == 0 ? std::nullopt : std::optional(limit);
}

uint32_t Fragmenter::WriteBoth(const LogicalExchangeSink& sink, TwoPlans& plans, ExchangeType type) {
  Operator& other = plans.join->children[1 - plans.side];
  auto& decider = static_cast<LogicalExchangeSource&>(*plans.join->children[plans.side]);
  JoinChoice choice = plans.choice;
  decider.partitioned = false;
  if (!choice.planned_broadcast) std::swap(other, plans.other);
  choice.broadcast = Write(sink, plans.broadcast, type);
  if (!choice.planned_broadcast) {
    std::swap(other, plans.other);
  } else {
    const auto& source =
        Close(other, plans.broadcast, ExchangeType::kRepartitionHash, plans.partitioned.partition_count,
              JoinKeys(*plans.join, 1 - plans.side), false);
    choice.shuffle = source_producer_.at(source.exchange_id);
  }
  decider.partitioned = true;
  choice.partitioned = Write(sink, plans.partitioned, type);
  choices_.push_back(choice);
  return choice.partitioned;
}

void Fragmenter::ForClosed(const std::function<void(Fragment&)>& change) {
  Fragment& last = fragments_.back();
  change(last);
  if (!choices_.empty() && choices_.back().partitioned == last.id)
    change(fragments_[choices_.back().broadcast]);
}

}  // namespace planaria::planner
