// The texts of TPC-H's queries, with the specification's validation parameters.
#pragma once

#include <string>

namespace planaria::connector {

inline constexpr int kTpchQueries = 22;

/// Query `number`, 1 to kTpchQueries, without a semicolon at its end. Names are the specification's
/// (l_orderkey), tables unqualified. The text is one that Trino takes, and DuckDB too.
std::string TpchQuery(int number);

}  // namespace planaria::connector
