// Between Trino's types and those that the kernel stores their values in. Several of Trino's share one: the
// kernel's then carries Trino's name as its alias, which TrinoTypeOf (json_rows.h) reads.
#pragma once

#include <optional>

#include "duckdb/common/types.hpp"
#include "sql/types/type.h"

namespace planaria::kernel {

/// Trino's type of values that are stored so; nothing for types that only the kernel has.
std::optional<sql::Type> DeclaredTypeOf(const duckdb::LogicalType& stored);

/// How values of `type` are stored, marked with its name; NULLs of unknown type are integers. Nothing for
/// types that have no storage.
std::optional<duckdb::LogicalType> StoredType(const sql::Type& type);

/// Whether the two hold values alike, whatever they are called.
bool SameStorage(const duckdb::LogicalType& left, const duckdb::LogicalType& right);

}  // namespace planaria::kernel
