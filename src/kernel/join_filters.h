// What a join's build side tells the scans of its probe side: bounds of the keys, and a Bloom filter.
#pragma once

#include "duckdb.hpp"
#include "duckdb/planner/logical_operator.hpp"

namespace planaria::kernel {

/// True when the rows of `plan` may be fewer than those of its tables: only then do join keys tell
/// something about the other side. An exchange source knows it of the plan that it stands for.
bool IsFiltering(const duckdb::LogicalOperator& plan);

/// Ties every join of `fragment` to the scans that its keys can filter. DuckDB's optimiser does so once, by
/// pointers that a serialised plan loses, and takes a build side that comes from an exchange for unfiltered.
void LinkJoinFilters(duckdb::ClientContext& context, duckdb::LogicalOperator& fragment);

}  // namespace planaria::kernel
