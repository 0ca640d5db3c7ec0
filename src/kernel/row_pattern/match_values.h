// The values that slots take from the rows of a partition and the match among them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "kernel/row_pattern/bound_pattern.h"
#include "kernel/row_pattern/match_aggregate.h"
#include "kernel/row_pattern/pattern_match.h"

namespace planaria::kernel {

/// Writes the value at `from` of a flat vector to a flat vector of the same type. Texts stay where they are.
void PutValue(duckdb::Vector& source, duckdb::idx_t from, duckdb::Vector& target, duckdb::idx_t to);

/// Chunks of values that are written again and again.
class ValueChunk {
 public:
  ValueChunk(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types);

  /// Forgets what nested values took.
  void Clear();
  duckdb::Vector& operator[](size_t column) { return chunk_.data[column]; }
  duckdb::DataChunk& With(duckdb::idx_t rows) {
    chunk_.SetCardinality(rows);
    return chunk_;
  }

 private:
  duckdb::DataChunk chunk_;
  bool nested_ = false;
};

/// Not thread safe. `pattern` must outlive it.
class MatchValues {
 public:
  MatchValues(duckdb::ClientContext& context, const BoundPattern& pattern);

  /// Columns of all partitions' rows, and further arguments, all flat.
  void SetInput(std::vector<duckdb::Vector*> columns, std::vector<duckdb::Vector*> arguments);
  /// A partition: its rows in their order, by their place in the columns, and its place in the arguments.
  void SetPartition(std::vector<duckdb::sel_t> rows, duckdb::idx_t argument);
  /// MATCH_NUMBER() from here on.
  void SetMatchNumber(int64_t number);

  size_t rows() const { return rows_.size(); }
  /// The place in the columns of a row of the partition.
  duckdb::sel_t PlaceOf(size_t row) const { return rows_[row]; }
  duckdb::Vector& column(size_t index) const { return *columns_[index]; }

  /// Writes what the slot has, seen from `row` of the match; from where an empty match begins.
  void Put(size_t slot, const PatternMatch& match, size_t row, duckdb::Vector& target, duckdb::idx_t to);
  /// Writes the input column or argument of a slot; the row may lie outside of the partition.
  void PutAt(const sql::PatternSlot& slot, int64_t row, duckdb::Vector& target, duckdb::idx_t to);
  void PutLabel(size_t label, duckdb::Vector& target, duckdb::idx_t to) const;

 private:
  struct Aggregate {
    std::unique_ptr<MatchAggregate> value;
    size_t taken = 0;
    /// Of the rows that it has taken.
    MatchHash hash;
  };

  void Take(Aggregate& aggregate, const sql::PatternSlot& slot, const PatternMatch& match, size_t count);

  const BoundPattern& pattern_;
  std::vector<duckdb::Vector*> columns_, arguments_;
  std::vector<duckdb::sel_t> rows_;
  duckdb::idx_t argument_ = 0;
  int64_t number_ = 0;
  /// Of each slot; empty for those that are none.
  std::vector<Aggregate> aggregates_;
};

}  // namespace planaria::kernel
