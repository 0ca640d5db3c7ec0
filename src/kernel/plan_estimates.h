// Row estimates of a plan's operators, which DuckDB does not serialise. Without them a filter would be taken
// to keep every row.
#pragma once

#include <cstdint>
#include <map>

#include "duckdb.hpp"
#include "duckdb/planner/logical_operator.hpp"

namespace planaria::kernel {

/// Estimates of all operators of `plan`, parents before children; kNoEstimate where there is none.
duckdb::vector<duckdb::idx_t> EstimatesOf(const duckdb::LogicalOperator& plan);
inline constexpr duckdb::idx_t kNoEstimate = duckdb::idx_t(-1);

/// Gives `plan` what EstimatesOf gave for it; another plan's estimates are an error of serialisation.
void RestoreEstimates(duckdb::LogicalOperator& plan, const duckdb::vector<duckdb::idx_t>& estimates);

/// `input_rows` has rows by exchange id. Sources get these instead of their estimates, and what stands above
/// them grows or shrinks with the larger of its children. False when no source was among them.
bool RefineEstimates(duckdb::LogicalOperator& plan, const std::map<uint32_t, uint64_t>& input_rows);

}  // namespace planaria::kernel
