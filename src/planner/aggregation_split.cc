#include "planner/aggregation_split.h"

#include <string_view>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp"
#include "duckdb/function/function_binder.hpp"
#include "kernel/merge_aggregates.h"

namespace planaria::planner {

using duckdb::BoundAggregateExpression;
using duckdb::BoundColumnRefExpression;
using duckdb::BoundConstantExpression;
using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalAggregate;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

namespace {

using Expressions = duckdb::vector<duckdb::unique_ptr<Expression>>;

enum class Merge { kNone, kSame, kSum, kCount, kAverage, kSketch };

/// Aggregates that give bytes, and what merges those.
struct SketchMerge {
  std::string_view aggregate;
  const char* merge;
};
constexpr SketchMerge kSketches[] = {{"trino_approx_set", "trino_merge_hyperloglog"},
                                     {"trino_approx_distinct", "trino_merge_hyperloglog"},
                                     {"trino_make_set_digest", "trino_merge_set_digest"},
                                     {"trino_tdigest_agg", "trino_merge_tdigest"},
                                     {"trino_qdigest_agg", "trino_merge_qdigest"},
                                     {"trino_numeric_histogram", "trino_merge_numeric_histogram"},
                                     {"trino_most_frequent", "trino_merge_most_frequent"},
                                     {"trino_checksum", "trino_merge_checksum"}};

/// Null for an aggregate that is none.
const char* MergeOfSketch(std::string_view name) {
  for (const SketchMerge& sketch : kSketches) {
    if (name == sketch.aggregate || name == sketch.merge) return sketch.merge;
  }
  return nullptr;
}

Merge MergeOf(const BoundAggregateExpression& aggregate) {
  if (aggregate.IsDistinct() || aggregate.order_bys) return Merge::kNone;
  const std::string_view name = aggregate.function.name;
  if (name == "count" || name == "count_star") return Merge::kCount;
  if (name == "sum" || name == "sum_no_overflow") return Merge::kSum;
  if (name == "avg" || name == "mean") {
    const auto type = aggregate.children[0]->return_type.id();
    const bool summable = aggregate.children[0]->return_type.IsIntegral() || type == LogicalTypeId::DECIMAL ||
                          type == LogicalTypeId::DOUBLE || type == LogicalTypeId::FLOAT;
    return summable && aggregate.return_type == LogicalType::DOUBLE ? Merge::kAverage : Merge::kNone;
  }
  if (MergeOfSketch(name) != nullptr) return Merge::kSketch;
  const bool one_argument = aggregate.children.size() == 1;
  for (const std::string_view same :
       {"min", "max", "bool_and", "bool_or", "any_value", "first", "arbitrary"}) {
    if (name == same && one_argument) return Merge::kSame;
  }
  return Merge::kNone;
}

class Splitter {
 public:
  Splitter(duckdb::ClientContext& context, idx_t partial_index)
      : context_(context), partial_index_(partial_index) {}

  /// Adds the partial form of `aggregate` to partials() and returns its final form.
  duckdb::unique_ptr<Expression> Split(duckdb::unique_ptr<Expression> expression) {
    auto& aggregate = expression->Cast<BoundAggregateExpression>();
    const LogicalType type = aggregate.return_type;
    const Merge merge = MergeOf(aggregate);
    const std::string name = aggregate.function.name;
    if (merge == Merge::kAverage) return SplitAverage(aggregate);
    Expressions arguments;
    arguments.push_back(AddPartial(std::move(expression)));
    switch (merge) {
      case Merge::kCount:
        return Bind(kernel::kCountMerge, std::move(arguments));
      case Merge::kSum:
        return Bind("sum", std::move(arguments), type);
      case Merge::kSketch:
        return Bind(MergeOfSketch(name), std::move(arguments), type);
      default:
        return Bind(name, std::move(arguments), type);
    }
  }

  Expressions TakePartials() { return std::move(partials_); }

 private:
  duckdb::unique_ptr<Expression> AddPartial(duckdb::unique_ptr<Expression> partial) {
    auto reference = duckdb::make_uniq<BoundColumnRefExpression>(
        partial->return_type, ColumnBinding(partial_index_, partials_.size()));
    partials_.push_back(std::move(partial));
    return reference;
  }

  duckdb::unique_ptr<Expression> SplitAverage(BoundAggregateExpression& average) {
    const LogicalType input = average.children[0]->return_type;
    const auto copy_filter = [&] { return average.filter ? average.filter->Copy() : nullptr; };
    // DuckDB averages FLOAT and DOUBLE alike: as doubles.
    auto summand = average.children[0]->Copy();
    if (input.id() == LogicalTypeId::FLOAT) {
      summand = duckdb::BoundCastExpression::AddCastToType(context_, std::move(summand), LogicalType::DOUBLE);
    }
    Expressions sum_arguments, count_arguments, merge_arguments;
    sum_arguments.push_back(std::move(summand));
    count_arguments.push_back(average.children[0]->Copy());
    merge_arguments.push_back(AddPartial(Bind("sum", std::move(sum_arguments), {}, copy_filter())));
    merge_arguments.push_back(AddPartial(Bind("count", std::move(count_arguments), {}, copy_filter())));
    if (input.id() != LogicalTypeId::DOUBLE && input.id() != LogicalTypeId::FLOAT) {
      const double scale =
          input.id() == LogicalTypeId::DECIMAL ? std::pow(10.0, duckdb::DecimalType::GetScale(input)) : 1;
      merge_arguments.push_back(duckdb::make_uniq<BoundConstantExpression>(duckdb::Value::DOUBLE(scale)));
    }
    return Bind(kernel::kAverageMerge, std::move(merge_arguments));
  }

  /// `expected` is the type the original has; a merge that gave another would change the query.
  duckdb::unique_ptr<Expression> Bind(const std::string& name, Expressions arguments,
                                      const LogicalType& expected = LogicalType(LogicalTypeId::INVALID),
                                      duckdb::unique_ptr<Expression> filter = nullptr) {
    auto& entry = duckdb::Catalog::GetSystemCatalog(context_).GetEntry<duckdb::AggregateFunctionCatalogEntry>(
        context_, DEFAULT_SCHEMA, name);
    duckdb::FunctionBinder binder(context_);
    duckdb::vector<LogicalType> types;
    for (const auto& argument : arguments) types.push_back(argument->return_type);
    duckdb::ErrorData error;
    const auto best = binder.BindFunction(entry.name, entry.functions, types, error);
    if (!best.IsValid()) error.Throw();
    auto bound = binder.BindAggregateFunction(entry.functions.GetFunctionByOffset(best.GetIndex()),
                                              std::move(arguments), std::move(filter));
    if (expected.id() != LogicalTypeId::INVALID && bound->return_type != expected) {
      throw duckdb::InternalException("merge of %s gives %s instead of %s", name,
                                      bound->return_type.ToString(), expected.ToString());
    }
    return bound;
  }

  duckdb::ClientContext& context_;
  const idx_t partial_index_;
  Expressions partials_;
};

}  // namespace

bool HasSeveralSets(const LogicalAggregate& aggregate) {
  return aggregate.grouping_sets.size() > 1 || !aggregate.grouping_functions.empty() ||
         (!aggregate.grouping_sets.empty() && aggregate.grouping_sets[0].size() != aggregate.groups.size());
}

bool CanSplitAggregation(const LogicalAggregate& aggregate) {
  for (const auto& expression : aggregate.expressions) {
    if (MergeOf(expression->Cast<BoundAggregateExpression>()) == Merge::kNone) return false;
  }
  return true;
}

SplitAggregation SplitAggregate(duckdb::ClientContext& context, duckdb::Binder& binder,
                                duckdb::unique_ptr<duckdb::LogicalOperator> op) {
  auto& original = op->Cast<LogicalAggregate>();
  const idx_t group_index = binder.GenerateTableIndex();
  const idx_t aggregate_index = binder.GenerateTableIndex();
  Splitter splitter(context, aggregate_index);
  SplitAggregation split;

  auto final =
      duckdb::make_uniq<LogicalAggregate>(original.group_index, original.aggregate_index, Expressions());
  const bool several_sets = HasSeveralSets(original);
  const idx_t groupings_index = binder.GenerateTableIndex();
  final->groupings_index = original.groupings_index;
  for (idx_t i = 0; i < original.groups.size(); i++) {
    const auto column = duckdb::make_uniq<BoundColumnRefExpression>(original.groups[i]->return_type,
                                                                    ColumnBinding(group_index, i));
    final->groups.push_back(column->Copy());
    split.partition_keys.push_back(column->Copy());
  }
  auto grouping_functions = std::move(original.grouping_functions);
  if (several_sets) {
    // GROUPING columns are group columns of the final aggregation; the last one tells the sets apart.
    duckdb::unsafe_vector<idx_t> all_groups;
    for (idx_t i = 0; i < original.groups.size(); i++) all_groups.push_back(i);
    grouping_functions.push_back(std::move(all_groups));
    for (idx_t i = 0; i < grouping_functions.size(); i++) {
      const auto column =
          duckdb::make_uniq<BoundColumnRefExpression>(LogicalType::BIGINT, ColumnBinding(groupings_index, i));
      split.moved.emplace_back(ColumnBinding(original.groupings_index, i),
                               ColumnBinding(original.group_index, final->groups.size()));
      final->groups.push_back(column->Copy());
      split.partition_keys.push_back(column->Copy());
    }
    final->groupings_index = binder.GenerateTableIndex();
  }
  if (!final->groups.empty()) {
    duckdb::GroupingSet whole;
    for (idx_t i = 0; i < final->groups.size(); i++) whole.insert(i);
    final->grouping_sets.push_back(std::move(whole));
  }
  final->group_stats.resize(final->groups.size());
  for (auto& expression : original.expressions)
    final->expressions.push_back(splitter.Split(std::move(expression)));
  final->estimated_cardinality = original.estimated_cardinality;
  final->has_estimated_cardinality = original.has_estimated_cardinality;

  auto partial = duckdb::make_uniq<LogicalAggregate>(group_index, aggregate_index, splitter.TakePartials());
  partial->groupings_index = groupings_index;
  partial->grouping_functions = std::move(grouping_functions);
  partial->groups = std::move(original.groups);
  partial->grouping_sets = std::move(original.grouping_sets);
  partial->group_stats = std::move(original.group_stats);
  partial->group_stats.resize(partial->groups.size());
  partial->estimated_cardinality = original.estimated_cardinality;
  partial->has_estimated_cardinality = original.has_estimated_cardinality;
  partial->children = std::move(original.children);
  partial->ResolveOperatorTypes();
  split.partial = std::move(partial);
  split.final = std::move(final);
  return split;
}

}  // namespace planaria::planner
