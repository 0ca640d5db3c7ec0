// Which subqueries Trino refuses because they name columns of the queries around them: those that it cannot
// make a join of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/error.h"

namespace planaria::sql {

/// How a query depends on columns of those around it. Nothing is refused where that is not clear.
struct Correlation {
  /// Something that is not looked at here depends on them.
  bool unclear = false;
  /// A relation that is joined with others in FROM names them.
  bool joins = false;
  /// What it selects names them.
  bool columns = false;
  /// Aggregates or windows, which come before what is selected, need them.
  bool inside = false;
  /// It is one row of constants, whatever the columns outside are.
  bool one_row = false;
  /// WHERE compares with them.
  bool filters = false;
  /// All columns of its own in these comparisons are said to equal something outside.
  bool equated = false;
  /// All columns of its own that it selects are such columns.
  bool selects_equated = false;
  /// Has aggregates and no GROUP BY.
  bool aggregated = false;
  /// Has GROUP BY or DISTINCT; with more than one set of columns.
  bool grouped = false;
  bool distinct = false;
  bool grouping_sets = false;
  /// Groups by all columns of its own in the comparisons, but for the equated.
  bool keys_compared = false;
  /// Groups by none but equated columns.
  bool keys_equated = false;
  /// ORDER BY names them.
  bool ordered = false;
  /// The most rows that there are before LIMIT, if that is written out.
  std::optional<size_t> most_rows = std::nullopt;
  /// The rows that LIMIT leaves depend on what is outside, in a way for which there is no join: if they are
  /// read, and if only their number is.
  bool limited = false;
  bool count_limited = false;
};

enum class SubqueryUse : uint8_t { kScalar, kIn, kQuantified, kExists, kLateral };

/// Throws NOT_SUPPORTED `Given correlated subquery is not supported`. `on_true`: a lateral one that is joined
/// without a condition; true for all others.
void RequireJoinable(const Correlation& correlation, SubqueryUse use, bool on_true, ErrorLocation location);

}  // namespace planaria::sql
