// Partial and final aggregation.
//
// An aggregate is split when every function in it is algebraic: sum, count, avg, min, max, bool_and/or,
// any_value; so are sketches and checksums, whose bytes can be merged. The partial one runs where the rows
// are; the final one keeps the original's bindings, so nothing above changes.
#pragma once

#include <optional>

#include "duckdb.hpp"
#include "duckdb/optimizer/column_binding_replacer.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"

namespace planaria::planner {

/// True when `aggregate` (no DISTINCT, no ordered arguments) can be split. With several grouping sets the
/// partial one computes them all and says of each row which set it belongs to; the final one groups by that
/// as well.
bool CanSplitAggregation(const duckdb::LogicalAggregate& aggregate);

struct SplitAggregation {
  /// Over the original's child.
  duckdb::unique_ptr<duckdb::LogicalOperator> partial;
  /// Without a child: give it the exchange over `partial`.
  duckdb::unique_ptr<duckdb::LogicalOperator> final;
  /// The partial's group columns, to partition by.
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> partition_keys;
  /// Where the original's GROUPING columns are now; operators above must be told.
  duckdb::vector<duckdb::ReplacementBinding> moved;
};

/// Takes `aggregate` apart. Requires CanSplitAggregation. `binder` gives fresh table indexes.
SplitAggregation SplitAggregate(duckdb::ClientContext& context, duckdb::Binder& binder,
                                duckdb::unique_ptr<duckdb::LogicalOperator> aggregate);

}  // namespace planaria::planner
