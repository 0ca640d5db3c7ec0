// Types as bytes, for what outlives the process.
#pragma once

#include <string>
#include <string_view>

#include "duckdb.hpp"

namespace planaria::kernel {

std::string SerializeTypes(const duckdb::vector<duckdb::LogicalType>& types);
/// Throws TrinoException(SERIALIZATION_ERROR).
duckdb::vector<duckdb::LogicalType> ParseTypes(std::string_view bytes);

}  // namespace planaria::kernel
