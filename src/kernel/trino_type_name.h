// How Trino writes the types that DuckDB works with.
#pragma once

#include <string>

#include "duckdb/common/types.hpp"

namespace planaria::kernel {

/// `bigint`, `decimal(12,2)`, `array(varchar)`, `row("x" integer)`: what typeof() and information_schema
/// show.
std::string TrinoTypeName(const duckdb::LogicalType& type);

}  // namespace planaria::kernel
