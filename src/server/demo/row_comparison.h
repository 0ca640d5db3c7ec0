// Are two results the same rows?
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace planaria::server {

/// Both are arrays of rows in the protocol's forms. Floating-point numbers are equal within 1e-9 of their
/// size, because sums of parts add in another order; a decimal is equal to the number that rounds to it,
/// because averages and quotients of decimals are decimals in Trino and doubles in DuckDB; all other values
/// are equal when their texts are. Rows compare in order if `ordered`, else as multisets. Nothing when equal,
/// else what differs first.
std::optional<std::string> FirstDifference(nlohmann::json expected, nlohmann::json actual, bool ordered);

/// True when the statement orders its result (ORDER BY outside all parentheses).
bool OrdersItsRows(const std::string& sql);

}  // namespace planaria::server
