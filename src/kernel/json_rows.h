// Result rows as clients read them: one JSON array per row, every value in Trino's exact form.
//
// The declared Trino type decides the form (digits of a timestamp, padding of a char, which interval), the
// DuckDB type decides how the bytes are read.
#pragma once

#include <string>
#include <vector>

#include "duckdb.hpp"
#include "protocol/trino_type.h"

namespace planaria::kernel {

/// The Trino type that stands for a DuckDB type when analysis has not said better. Unsigned integers take the
/// next wider type; HUGEINT is decimal(38, 0); TIMESTAMP_S, _MS, none and _NS have precision 0, 3, 6, 9;
/// INTERVAL is `interval day to second` unless the type's alias is `interval year to month`; ENUM and BIT are
/// varchar. Throws TrinoException(NOT_SUPPORTED) naming types that Trino clients have no form for.
protocol::TrinoType TrinoTypeOf(const duckdb::LogicalType& type);

/// Writes rows of one result. Thread-safe: it has no state but the types.
class JsonRowWriter {
 public:
  /// `columns` are the types as declared to the client, one for each of `types`; without precision
  /// (TrinoType::WithoutDatetimePrecision) times and timestamps get 3 digits, rounded half up. Throws
  /// TrinoException(GENERIC_INTERNAL_ERROR) when a pair does not fit together.
  JsonRowWriter(const duckdb::vector<duckdb::LogicalType>& types,
                const std::vector<protocol::TrinoType>& columns);
  /// The columns are TrinoTypeOf of each type.
  explicit JsonRowWriter(const duckdb::vector<duckdb::LogicalType>& types);

  /// Appends rows from `first_row` on as `[..],[..]`, until the chunk ends or `out` holds at least
  /// `max_bytes`; at least one row, with a comma before it when `out` is not empty. Returns the first row not
  /// written. timestamp with time zone is shown in UTC. Throws TrinoException(NUMERIC_VALUE_OUT_OF_RANGE) for
  /// values that Trino does not have: infinite dates, numbers beyond 38 digits, months in a day to second
  /// interval.
  size_t Append(duckdb::DataChunk& chunk, size_t first_row, size_t max_bytes, std::string* out) const;

  struct Node;

 private:
  std::vector<Node> nodes_;
};

/// How values of one type are written, with the same for the types inside it.
struct JsonRowWriter::Node {
  using Format = duckdb::RecursiveUnifiedVectorFormat;
  /// Appends the value at physical position `index`, which is not null.
  void (*append)(const Node& node, const Format& format, duckdb::idx_t index, std::string* out) = nullptr;
  duckdb::LogicalType type;
  /// Fraction digits: of decimals, or declared of times.
  int digits = 0;
  /// Digits of the stored unit of times: 6 for microseconds.
  int unit_digits = 0;
  /// Declared characters of char(n), elements of ARRAY.
  duckdb::idx_t length = 0;
  std::vector<Node> children;
};

}  // namespace planaria::kernel
