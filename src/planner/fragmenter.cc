#include "planner/fragmenter.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "connector/table_scan.h"
#include "duckdb/planner/operator/list.hpp"
#include "kernel/fragment_runner.h"
#include "kernel/join_filters.h"
#include "planner/aggregation_split.h"
#include "planner/plain_column.h"
#include "planner/splittable_inputs.h"
#include "planner/trino_names.h"

namespace planaria::planner {

using duckdb::BoundColumnRefExpression;
using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using kernel::LogicalExchangeSink;
using kernel::LogicalExchangeSource;

namespace {

/// Keys of an exchange by these expressions; none when one of them is not a plain column.
std::vector<PartitionKey> KeysOf(const Fragmenter::Expressions& expressions) {
  std::vector<PartitionKey> keys;
  for (const auto& expression : expressions) {
    const auto column = AsColumn(*expression);
    if (!column) return {};
    keys.push_back({*column});
  }
  return keys;
}

/// Operators whose rows depend only on their input row: they may run in any task.
bool IsConstantSource(LogicalOperatorType type) {
  return type == LogicalOperatorType::LOGICAL_DUMMY_SCAN ||
         type == LogicalOperatorType::LOGICAL_EMPTY_RESULT ||
         type == LogicalOperatorType::LOGICAL_CHUNK_GET ||
         type == LogicalOperatorType::LOGICAL_EXPRESSION_GET;
}

/// True when rows come from a table or another fragment.
bool ReadsAnything(const LogicalOperator& op) {
  if (op.type == LogicalOperatorType::LOGICAL_GET && connector::ScanOf(op.Cast<duckdb::LogicalGet>())) {
    return true;
  }
  if (dynamic_cast<const LogicalExchangeSource*>(&op) != nullptr) return true;
  return std::any_of(op.children.begin(), op.children.end(),
                     [](const auto& child) { return ReadsAnything(*child); });
}

void CheckSource(const duckdb::LogicalGet& get) {
  if (connector::ScanOf(get) || IsComputingFunction(get.function.name)) return;
  throw TrinoException(errors::FUNCTION_NOT_FOUND,
                       "Table function '" + get.function.name + "' not registered");
}

}  // namespace

Fragmenter::Fragmenter(duckdb::ClientContext& context, duckdb::Binder& binder, const PlannerOptions& options)
    : context_(context), binder_(binder), options_(options) {}

uint64_t WidthOf(const duckdb::LogicalType& type) {
  return type.InternalType() == duckdb::PhysicalType::VARCHAR
             ? 24
             : std::max<uint64_t>(1, duckdb::GetTypeIdSize(type.InternalType()));
}

uint64_t Fragmenter::Rows(LogicalOperator& op) {
  return op.has_estimated_cardinality ? op.estimated_cardinality : op.EstimateCardinality(context_);
}

uint64_t Fragmenter::Bytes(LogicalOperator& op) {
  op.ResolveOperatorTypes();
  uint64_t width = 0;
  for (const auto& type : op.types) width += WidthOf(type);
  return Rows(op) * width;
}

uint32_t Fragmenter::PartitionCountFor(uint64_t bytes) const {
  if (options_.adaptive_partition_count > options_.max_partition_count &&
      bytes / options_.max_partition_count > options_.adaptive_partition_bytes) {
    return options_.adaptive_partition_count;
  }
  const uint64_t by_size = bytes / options_.target_partition_bytes + 1;
  const uint64_t by_cluster = uint64_t{options_.worker_count} * options_.task_slots_per_worker;
  const uint64_t wanted = std::max({by_size, by_cluster, uint64_t{options_.min_partition_count}});
  return static_cast<uint32_t>(std::min<uint64_t>(wanted, options_.max_partition_count));
}

void Fragmenter::DescribeOperators() {
  reader_.emplace(OperatorReader::Estimates{[this](LogicalOperator& op) { return Rows(op); },
                                            [this](LogicalOperator& op) { return Bytes(op); }},
                  source_producer_);
}

std::vector<Fragment> Fragmenter::Cut(Operator plan, End end) {
  plan->ResolveOperatorTypes();
  root_ = &plan;
  const bool ordered = [&] {
    const LogicalOperator* op = plan.get();
    while (op->type == LogicalOperatorType::LOGICAL_PROJECTION ||
           op->type == LogicalOperatorType::LOGICAL_LIMIT) {
      op = op->children[0].get();
    }
    return op->type == LogicalOperatorType::LOGICAL_ORDER_BY ||
           op->type == LogicalOperatorType::LOGICAL_TOP_N;
  }();
  uint64_t rows = 0;
  const auto count_rows = [&](auto& self, LogicalOperator& op) -> void {
    if (op.type == LogicalOperatorType::LOGICAL_GET) {
      const auto* scan = connector::ScanOf(op.Cast<duckdb::LogicalGet>());
      rows += scan ? scan->table->row_count().value_or(options_.single_task_rows + 1) : 0;
    }
    for (auto& child : op.children) self(self, *child);
  };
  count_rows(count_rows, *plan);
  const Partitioning partitioning = rows <= options_.single_task_rows ? VisitWhole(plan, "") : Visit(plan);
  Finish(plan, partitioning, ordered && partitioning.single, std::move(end));
  return std::move(fragments_);
}

void Fragmenter::Finish(Operator& plan, Partitioning partitioning, bool ordered, End end) {
  const bool writes = end.writer != nullptr;
  if (writes) {
    end.writer->children.push_back(std::move(plan));
    plan = std::move(end.writer);
    plan->SetEstimatedCardinality(1);
    plan->ResolveOperatorTypes();
    ordered = false;
  }
  if (end.final_steps.empty()) {
    // The client reads every task of the root, so a partitioned root needs no further gathering.
    Close(plan, partitioning, ExchangeType::kGather, 1, {}, ordered);
    return;
  }
  // Rows that are made on the coordinator anyway need no way there.
  if (!partitioning.coordinator && !(partitioning.single && !ReadsAnything(*plan))) {
    Close(plan, partitioning, ExchangeType::kGather, 1, {}, ordered);
    ForClosed([&](Fragment& fragment) { fragment.writes = writes; });
  }
  for (Operator& step : end.final_steps) {
    step->children.push_back(std::move(plan));
    plan = std::move(step);
    plan->SetEstimatedCardinality(1);
    plan->ResolveOperatorTypes();
  }
  partitioning = Partitioning::Single();
  partitioning.coordinator = true;
  Close(plan, partitioning, ExchangeType::kGather, 1, {}, false);
}

LogicalExchangeSource& Fragmenter::Close(Operator& op, const Partitioning& partitioning, ExchangeType type,
                                         uint32_t partition_count, Expressions keys, bool ordered,
                                         Operator* closed) {
  op->ResolveOperatorTypes();
  auto source =
      duckdb::make_uniq<LogicalExchangeSource>(next_input_++, op->GetColumnBindings(), op->types, Rows(*op));
  source->partitioned =
      type == ExchangeType::kRepartitionHash || type == ExchangeType::kRepartitionRoundRobin;
  source->filtered = kernel::IsFiltering(*op);
  source_max_rows_[source->exchange_id] = MaxRows(*op);
  LogicalExchangeSink sink(partition_count, std::move(keys), ordered);
  sink.children.push_back(std::move(op));
  sink.ResolveOperatorTypes();
  source_producer_[source->exchange_id] = partitioning.two_plans
                                              ? WriteBoth(sink, two_plans_[*partitioning.two_plans], type)
                                              : Write(sink, partitioning, type);
  if (closed != nullptr) *closed = std::move(sink.children[0]);
  auto& result = *source;
  op = std::move(source);
  return result;
}

uint32_t Fragmenter::Write(const LogicalExchangeSink& sink, const Partitioning& partitioning,
                           ExchangeType type) {
  LogicalOperator& piece = *sink.children[0];
  Fragment fragment;
  fragment.output = type;
  fragment.output_partition_count = sink.partition_count;
  fragment.estimated_rows = Rows(piece);
  fragment.estimated_bytes = Bytes(piece);
  fragment.gathered_because = std::exchange(gathered_because_, {});
  DescribePiece(piece, &fragment);
  const std::set<uint32_t> splittable = SplittableInputs(piece, partial_aggregate_);
  for (FragmentInput& input : fragment.inputs) input.splittable = splittable.contains(input.input_id);
  if (partitioning.coordinator ||
      (partitioning.single && fragment.scans.empty() && fragment.inputs.empty())) {
    fragment.distribution = Distribution::kCoordinator;
  } else if (partitioning.single) {
    fragment.distribution = Distribution::kSingle;
  } else {
    fragment.distribution = partitioning.source ? Distribution::kSource : Distribution::kHash;
    fragment.partition_count = partitioning.partition_count;
  }
  fragment.text = piece.ToString();
  if (reader_) fragment.operators = std::make_shared<const PlanOperator>(reader_->Read(piece));
  fragment.plan = kernel::SerializePlan(sink);
  fragment.id = static_cast<uint32_t>(fragments_.size());
  fragments_.push_back(std::move(fragment));
  return fragments_.back().id;
}

void Fragmenter::DescribePiece(LogicalOperator& op, Fragment* fragment) {
  if (const auto* source = dynamic_cast<LogicalExchangeSource*>(&op)) {
    fragment->inputs.push_back(
        {source->exchange_id, source_producer_.at(source->exchange_id), source->partitioned});
  } else if (op.type == LogicalOperatorType::LOGICAL_GET) {
    auto& get = op.Cast<duckdb::LogicalGet>();
    if (auto* scan = connector::MutableScanOf(get)) {
      fragment->scans.push_back(Describe(get, *scan));
    }
  }
  for (auto& child : op.children) DescribePiece(*child, fragment);
}

FragmentScan Fragmenter::Describe(const duckdb::LogicalGet& get, connector::ScanBindData& scan) {
  if (scan.scan_id == connector::ScanBindData::kNoScan) {
    scan.scan_id = next_scan_++;
    return {scan.scan_id, scan.catalog, scan.schema, scan.table_name, connector::SplitsOf(context_, get)};
  }
  // The other plan of a join reads the same splits.
  for (const Fragment& fragment : fragments_) {
    for (const FragmentScan& known : fragment.scans) {
      if (known.scan_id == scan.scan_id) return known;
    }
  }
  throw duckdb::InternalException("a scan has a number and no fragment");
}

duckdb::unique_ptr<LogicalExchangeSource> Fragmenter::ReadAgain(const LogicalExchangeSource& source) {
  auto again = duckdb::make_uniq<LogicalExchangeSource>(next_input_++, source.bindings, source.column_types,
                                                        source.estimated_cardinality);
  again->partitioned = source.partitioned;
  again->filtered = source.filtered;
  source_producer_[again->exchange_id] = source_producer_.at(source.exchange_id);
  source_partitioning_[again->exchange_id] = source_partitioning_[source.exchange_id];
  source_max_rows_[again->exchange_id] = source_max_rows_[source.exchange_id];
  return again;
}

Partitioning Fragmenter::Gather(Operator& op, const Partitioning& partitioning, bool ordered) {
  if (partitioning.single) return partitioning;
  auto& source = Close(op, partitioning, ExchangeType::kGather, 1, {}, ordered);
  return source_partitioning_[source.exchange_id] = Partitioning::Single();
}

Partitioning Fragmenter::Repartition(Operator& op, const Partitioning& partitioning, Expressions keys) {
  const uint32_t count = PartitionCountFor(Bytes(*op));
  const auto type = keys.empty() ? ExchangeType::kRepartitionRoundRobin : ExchangeType::kRepartitionHash;
  auto known = KeysOf(keys);
  auto& source = Close(op, partitioning, type, count, std::move(keys), false);
  return source_partitioning_[source.exchange_id] = Partitioning::Hash(count, std::move(known));
}

Partitioning Fragmenter::Visit(Operator& op) {
  switch (op->type) {
    case LogicalOperatorType::LOGICAL_GET:
      return VisitGet(op);
    case LogicalOperatorType::LOGICAL_EXTENSION_OPERATOR:
      return source_partitioning_.at(static_cast<LogicalExchangeSource&>(*op).exchange_id);
    case LogicalOperatorType::LOGICAL_PROJECTION:
      return VisitProjection(op);
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_UNNEST:
      return VisitPassThrough(op);
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return VisitAggregate(op);
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
      return VisitJoin(op);
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
      return VisitDelimJoin(op);
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      return VisitUnconditionalJoin(op, true);
    case LogicalOperatorType::LOGICAL_ANY_JOIN: {
      const auto type = op->Cast<duckdb::LogicalAnyJoin>().join_type;
      return VisitUnconditionalJoin(op, type != duckdb::JoinType::RIGHT && type != duckdb::JoinType::OUTER &&
                                            type != duckdb::JoinType::RIGHT_SEMI &&
                                            type != duckdb::JoinType::RIGHT_ANTI);
    }
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
      return VisitMaterializedCte(op);
    case LogicalOperatorType::LOGICAL_CTE_REF:
      return VisitCteRef(op);
    case LogicalOperatorType::LOGICAL_RECURSIVE_CTE:
      return VisitWhole(op, "recursive query");
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return VisitOrder(op);
    case LogicalOperatorType::LOGICAL_TOP_N:
      return VisitTopN(op);
    case LogicalOperatorType::LOGICAL_LIMIT:
      return VisitLimit(op);
    case LogicalOperatorType::LOGICAL_DISTINCT:
      return VisitDistinct(op);
    case LogicalOperatorType::LOGICAL_WINDOW:
      return VisitWindow(op);
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT:
      return VisitSetOperation(op);
    case LogicalOperatorType::LOGICAL_ASOF_JOIN:
      return VisitGathered(op, "ASOF join");
    case LogicalOperatorType::LOGICAL_POSITIONAL_JOIN:
      return VisitGathered(op, "positional join");
    case LogicalOperatorType::LOGICAL_SAMPLE:
      return VisitGathered(op, "sample");
    default:
      if (IsConstantSource(op->type)) return Partitioning::Single();
      throw TrinoException(errors::NOT_SUPPORTED,
                           "Statement is not supported: " + duckdb::LogicalOperatorToString(op->type));
  }
}

Partitioning Fragmenter::VisitGet(Operator& op) {
  auto& get = op->Cast<duckdb::LogicalGet>();
  CheckSource(get);
  if (const auto* scan = connector::ScanOf(get)) {
    if (!scan->table->CoordinatorOnly()) return Partitioning::Source();
    Partitioning partitioning = Partitioning::Single();
    partitioning.coordinator = true;
    return partitioning;
  }
  return op->children.empty() ? Partitioning::Single() : VisitPassThrough(op);
}

Partitioning Fragmenter::VisitPassThrough(Operator& op) { return Visit(op->children[0]); }

Partitioning Fragmenter::VisitProjection(Operator& op) {
  Partitioning partitioning = Visit(op->children[0]);
  const auto& projection = op->Cast<duckdb::LogicalProjection>();
  std::vector<PartitionKey> keys;
  for (const PartitionKey& key : partitioning.keys) {
    PartitionKey projected;
    for (idx_t i = 0; i < projection.expressions.size(); i++) {
      const auto column = AsColumn(*projection.expressions[i]);
      if (column && std::find(key.begin(), key.end(), *column) != key.end()) {
        projected.emplace_back(projection.table_index, i);
      }
    }
    if (projected.empty()) {
      keys.clear();
      break;
    }
    keys.push_back(std::move(projected));
  }
  partitioning.keys = std::move(keys);
  return partitioning;
}

Partitioning Fragmenter::VisitGathered(Operator& op, const char* reason) {
  Partitioning result = Partitioning::Single();
  for (auto& child : op->children) {
    Partitioning below = Visit(child);
    if (!below.single) {
      below = Gather(child, below);
      gathered_because_ = reason;
    }
    result.coordinator |= below.coordinator;
  }
  return result;
}

Partitioning Fragmenter::VisitWhole(Operator& op, const char* reason) {
  KeepWhole(op);
  gathered_because_ = reason;
  Partitioning result = Partitioning::Single();
  const auto find_system = [&](auto& self, LogicalOperator& node) -> void {
    if (node.type == LogicalOperatorType::LOGICAL_GET) {
      const auto* scan = connector::ScanOf(node.Cast<duckdb::LogicalGet>());
      result.coordinator |= scan && scan->table->CoordinatorOnly();
    }
    for (auto& child : node.children) self(self, *child);
  };
  find_system(find_system, *op);
  return result;
}

void Fragmenter::KeepWhole(Operator& op) {
  if (op->type == LogicalOperatorType::LOGICAL_CTE_REF &&
      ctes_.contains(op->Cast<duckdb::LogicalCTERef>().cte_index)) {
    auto& reference = op->Cast<duckdb::LogicalCTERef>();
    auto source = ReadAgain(*ctes_.at(reference.cte_index).source);
    source->bindings = reference.GetColumnBindings();
    source->partitioned = false;
    op = std::move(source);
    return;
  }
  if (op->type == LogicalOperatorType::LOGICAL_GET) CheckSource(op->Cast<duckdb::LogicalGet>());
  for (auto& child : op->children) KeepWhole(child);
}

Partitioning Fragmenter::VisitAggregate(Operator& op) {
  auto& aggregate = op->Cast<duckdb::LogicalAggregate>();
  const Partitioning below = Visit(op->children[0]);
  if (below.single) return below;

  std::vector<ColumnBinding> columns;
  for (const auto& group : aggregate.groups) {
    if (const auto column = AsColumn(*group)) columns.push_back(*column);
  }
  const bool one_set =
      aggregate.grouping_sets.size() <= 1 &&
      (aggregate.grouping_sets.empty() || aggregate.grouping_sets[0].size() == aggregate.groups.size());
  // Which bindings the groups have above, for a partitioning by `key`.
  const auto group_keys = [&](const std::vector<PartitionKey>& keys) {
    std::vector<PartitionKey> above;
    for (const PartitionKey& key : keys) {
      PartitionKey bindings;
      for (idx_t i = 0; i < aggregate.groups.size(); i++) {
        const auto column = AsColumn(*aggregate.groups[i]);
        if (column && std::find(key.begin(), key.end(), *column) != key.end())
          bindings.emplace_back(aggregate.group_index, i);
      }
      above.push_back(std::move(bindings));
    }
    return above;
  };
  if (one_set && !aggregate.groups.empty() && below.GroupsTogether(columns)) {
    Partitioning result = below.AsPlanned();
    result.keys = group_keys(below.keys);
    return result;
  }
  const idx_t group_index = aggregate.group_index;
  const idx_t group_count = aggregate.groups.size();
  // Grouping by nearly unique keys twice would only cost.
  const bool shrinks = !one_set || aggregate.groups.empty() || Rows(*op) <= Rows(*op->children[0]) / 2;
  if (CanSplitAggregation(aggregate) && shrinks) {
    auto split = SplitAggregate(context_, binder_, std::move(op));
    partial_aggregate_ = split.partial.get();
    Partitioning result;
    if (split.partition_keys.empty()) {
      result = Gather(split.partial, below);
    } else {
      result = Repartition(split.partial, below, std::move(split.partition_keys));
      result.keys.clear();
      for (idx_t i = 0; one_set && i < group_count; i++)
        result.keys.push_back({ColumnBinding(group_index, i)});
    }
    partial_aggregate_ = nullptr;
    split.final->children.push_back(std::move(split.partial));
    op = std::move(split.final);
    op->ResolveOperatorTypes();
    if (!split.moved.empty()) {
      duckdb::ColumnBindingReplacer above;
      above.replacement_bindings = std::move(split.moved);
      above.stop_operator = op.get();
      above.VisitOperator(**root_);
    }
    return result;
  }
  if (!one_set || aggregate.groups.empty()) {
    gathered_because_ = one_set ? "aggregation that has no partial form" : "grouping sets";
    return Gather(op->children[0], below);
  }
  Expressions keys;
  for (const auto& group : aggregate.groups) keys.push_back(group->Copy());
  Partitioning result = Repartition(op->children[0], below, std::move(keys));
  result.keys.clear();
  for (idx_t i = 0; i < group_count; i++) result.keys.push_back({ColumnBinding(group_index, i)});
  return result;
}

Partitioning Fragmenter::VisitDistinct(Operator& op) {
  auto& distinct = op->Cast<duckdb::LogicalDistinct>();
  const Partitioning below = Visit(op->children[0]);
  std::vector<ColumnBinding> columns;
  for (const auto& target : distinct.distinct_targets) {
    if (const auto column = AsColumn(*target)) columns.push_back(*column);
  }
  if (below.GroupsTogether(columns)) return below.AsPlanned();
  Expressions keys;
  for (const auto& target : distinct.distinct_targets) keys.push_back(target->Copy());
  if (keys.empty()) return Gather(op->children[0], below);
  return Repartition(op->children[0], below, std::move(keys));
}

Partitioning Fragmenter::VisitWindow(Operator& op) {
  const Partitioning below = Visit(op->children[0]);
  if (below.single) return below;
  // Columns by which every window of this operator is partitioned.
  std::vector<const Expression*> common;
  for (idx_t i = 0; i < op->expressions.size(); i++) {
    const auto& window = op->expressions[i]->Cast<duckdb::BoundWindowExpression>();
    std::vector<const Expression*> here;
    for (const auto& partition : window.partitions) {
      const bool shared = i == 0 || std::any_of(common.begin(), common.end(), [&](const Expression* other) {
                            return other->Equals(*partition);
                          });
      if (shared) here.push_back(partition.get());
    }
    common = std::move(here);
  }
  std::vector<ColumnBinding> columns;
  Expressions keys;
  for (const Expression* expression : common) {
    if (const auto column = AsColumn(*expression)) columns.push_back(*column);
    keys.push_back(expression->Copy());
  }
  if (below.GroupsTogether(columns)) return below.AsPlanned();
  if (keys.empty()) {
    gathered_because_ = "window without common partition keys";
    return Gather(op->children[0], below);
  }
  return Repartition(op->children[0], below, std::move(keys));
}

Partitioning Fragmenter::VisitSetOperation(Operator& op) {
  auto& set = op->Cast<duckdb::LogicalSetOperation>();
  const bool all_rows = op->type == LogicalOperatorType::LOGICAL_UNION && set.setop_all;
  std::vector<Partitioning> below;
  for (auto& child : op->children) below.push_back(Visit(child));
  const auto every = [&](auto predicate) { return std::all_of(below.begin(), below.end(), predicate); };
  if (every([](const Partitioning& p) { return p.single; })) {
    Partitioning result = Partitioning::Single();
    for (const Partitioning& p : below) result.coordinator |= p.coordinator;
    return result;
  }
  if (all_rows && every([](const Partitioning& p) { return p.source; })) return Partitioning::Source();
  uint64_t bytes = 0;
  for (auto& child : op->children) bytes += Bytes(*child);
  const uint32_t count = PartitionCountFor(bytes);
  for (idx_t i = 0; i < op->children.size(); i++) {
    Operator& child = op->children[i];
    if (all_rows && !below[i].single && !below[i].source && below[i].partition_count == count) continue;
    Expressions keys;
    if (!all_rows) {
      const auto bindings = child->GetColumnBindings();
      for (idx_t column = 0; column < bindings.size(); column++) {
        keys.push_back(duckdb::make_uniq<BoundColumnRefExpression>(child->types[column], bindings[column]));
      }
    }
    const auto type = all_rows ? ExchangeType::kRepartitionRoundRobin : ExchangeType::kRepartitionHash;
    auto& source = Close(child, below[i], type, count, std::move(keys), false);
    source_partitioning_[source.exchange_id] = Partitioning::Hash(count, {});
  }
  std::vector<PartitionKey> keys;
  if (!all_rows) {
    for (idx_t column = 0; column < set.column_count; column++)
      keys.push_back({ColumnBinding(set.table_index, column)});
  }
  return Partitioning::Hash(count, std::move(keys));
}

Partitioning Fragmenter::VisitMaterializedCte(Operator& op) {
  auto& cte = op->Cast<duckdb::LogicalMaterializedCTE>();
  const Partitioning below = Visit(op->children[0]);
  Shared shared;
  if (below.single) {
    auto& source = Close(op->children[0], below, ExchangeType::kGather, 1, {}, false);
    source_partitioning_[source.exchange_id] = shared.partitioning = Partitioning::Single();
  } else {
    shared.partitioning = Repartition(op->children[0], below, {});
  }
  shared.source = duckdb::unique_ptr<LogicalExchangeSource>(
      static_cast<LogicalExchangeSource*>(op->children[0].release()));
  ctes_[cte.table_index] = std::move(shared);
  Operator query = std::move(op->children[1]);
  op = std::move(query);
  return Visit(op);
}

Partitioning Fragmenter::VisitCteRef(Operator& op) {
  auto& reference = op->Cast<duckdb::LogicalCTERef>();
  const Shared& shared = ctes_.at(reference.cte_index);
  auto source = ReadAgain(*shared.source);
  source->bindings = reference.GetColumnBindings();
  op = std::move(source);
  return shared.partitioning;
}

}  // namespace planaria::planner
