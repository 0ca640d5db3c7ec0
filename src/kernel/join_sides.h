// Which side of a join is hashed, decided anew where the join runs.
//
// When a fragment starts, the real sizes of its inputs are known; the plan was made with estimates. Joins
// whose build side turns out to be the larger one are turned round. This changes nothing for other fragments:
// what the fragment gives out keeps its columns and their order.
#pragma once

#include <cstdint>
#include <map>

#include "duckdb.hpp"

namespace planaria::kernel {

/// `fragment` is a deserialised plan with an exchange sink at its root; `input_rows` has the rows by exchange
/// id, of those inputs that are complete. Call before passes that tie operators together.
void ChooseJoinSides(duckdb::ClientContext& context, duckdb::LogicalOperator& fragment,
                     const std::map<uint32_t, uint64_t>& input_rows);

}  // namespace planaria::kernel
