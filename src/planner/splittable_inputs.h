// Which inputs of a piece of a plan several tasks may share.
#pragma once

#include <cstdint>
#include <set>

#include "duckdb.hpp"

namespace planaria::planner {

/// Ids of the partitioned exchange sources in `piece` whose rows may be spread over several tasks that each
/// read all other inputs whole: their outputs together are the output of one task that reads everything. So
/// it is for an input under nothing but row-wise operators and joins that decide about each of its rows
/// alone. `partial` (may be null) is an aggregation whose results are aggregated again; a LIMIT, a TOP N and
/// an ORDER BY at the top are always such steps of something larger.
std::set<uint32_t> SplittableInputs(const duckdb::LogicalOperator& piece,
                                    const duckdb::LogicalOperator* partial);

/// A row of one side alone decides what a join of this type gives for it, whatever its other rows are.
bool LeftRowsAreIndependent(duckdb::JoinType type);
bool RightRowsAreIndependent(duckdb::JoinType type);

}  // namespace planaria::planner
