// Trino's `=` of values of any type: NULL inside of one may leave it unknown, NaN equals nothing.
#pragma once

#include "duckdb/common/types/vector.hpp"

namespace planaria::kernel {

enum class Equality { kEqual, kDifferent, kUnknown };

/// The values of a vector, as its type nests them. The vector has to outlive it.
struct ComparedValues {
  ComparedValues(duckdb::Vector& vector, duckdb::idx_t count);

  bool IsNull(duckdb::idx_t row) const;

  const duckdb::LogicalType& type;
  duckdb::RecursiveUnifiedVectorFormat format;
};

/// Of values of one type; unknown when either is NULL. Maps are equal when their keys are and the values of
/// each.
Equality Compare(const ComparedValues& left, duckdb::idx_t left_row, const ComparedValues& right,
                 duckdb::idx_t right_row);

}  // namespace planaria::kernel
