// The rows that go out of row pattern matching, as lists of rows.
#pragma once

#include <vector>

#include "duckdb/execution/expression_executor.hpp"
#include "kernel/row_pattern/match_values.h"

namespace planaria::kernel {

/// Computes measures for many rows at once. Not thread safe; what it gets must outlive it.
class MatchedRows {
 public:
  MatchedRows(duckdb::ClientContext& context, const BoundPattern& pattern, MatchValues& values);

  /// Rows go to this vector of lists from now on.
  void Begin(duckdb::Vector& lists);
  /// All that was added since the last list becomes the list at `index`.
  void EndList(duckdb::idx_t index);
  void EndNull(duckdb::idx_t index);
  /// Call when there are no more lists.
  void End();

  /// The measures as seen from `row` of the match, and that row's columns.
  void Add(const PatternMatch& match, size_t row);
  /// A row without a match: its measures are NULL.
  void AddUnmatched(size_t row);

 private:
  void Waits(size_t row, bool matched);
  void Flush();

  const BoundPattern& pattern_;
  MatchValues& values_;
  duckdb::ExpressionExecutor executor_;
  ValueChunk chunk_;
  duckdb::DataChunk measures_;
  duckdb::Vector* lists_ = nullptr;
  /// What waits to be computed: of each its place in the columns, and whether it is of a
  /// match.
  std::vector<duckdb::sel_t> waiting_;
  std::vector<bool> matched_;
  duckdb::idx_t matched_count_ = 0;
  /// How many rows the lists have, and where the next one begins.
  duckdb::idx_t written_ = 0, begin_ = 0;
};

}  // namespace planaria::kernel
