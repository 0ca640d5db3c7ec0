// Column types of files as Trino knows them, and how the types of one column in several files come together.
#pragma once

#include "duckdb/common/types.hpp"

namespace planaria::connector::files {

/// The nearest type that Trino has: unsigned integers become wider signed ones, enums varchar, and so on.
duckdb::LogicalType TrinoTypeOf(const duckdb::LogicalType& type);

/// A type that holds the values of both without loss of kind (numbers widen, dates become timestamps); false
/// when there is none.
bool CommonType(const duckdb::LogicalType& a, const duckdb::LogicalType& b, duckdb::LogicalType& result);

}  // namespace planaria::connector::files
