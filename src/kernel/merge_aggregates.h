// Aggregates that finish what partial aggregation began, where no SQL aggregate does exactly that.
//
//   planaria_count_merge(BIGINT) -> BIGINT                 sum of partial counts; 0 for no rows
//   planaria_avg_merge(HUGEINT sum, BIGINT count, scale INTEGER) -> DOUBLE     DuckDB's avg over integers and
//   decimals planaria_avg_merge(DOUBLE sum, BIGINT count) -> DOUBLE
//
// The average of a decimal is its unscaled sum / (count * 10^scale), computed as DuckDB's own avg does, so
// that a distributed query gives the very same double.
#pragma once

#include "duckdb.hpp"

namespace planaria::kernel {

inline constexpr const char* kCountMerge = "planaria_count_merge";
inline constexpr const char* kAverageMerge = "planaria_avg_merge";

/// Registers them in the system catalog. Call once per database.
void RegisterMergeAggregates(duckdb::DatabaseInstance& database);

}  // namespace planaria::kernel
