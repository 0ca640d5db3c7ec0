// Which subqueries Trino refuses because they name columns of the queries around them: those that it cannot
// make a join of.
#pragma once

#include "base/error.h"

namespace planaria::sql {

/// How a query depends on columns of those around it. Nothing is refused where that is not clear.
struct Correlation {
  /// Something that is not looked at here depends on them.
  bool unclear = false;
  /// What it selects names them.
  bool columns = false;
  /// It is one row of constants, whatever the columns outside are.
  bool one_row = false;
  /// WHERE compares with them.
  bool filters = false;
  /// All columns of its own in these comparisons are said to equal something outside.
  bool equated = false;
  /// All that it selects are such columns.
  bool selects_equated = false;
  /// Has GROUP BY, with more than one set.
  bool grouped = false;
  bool grouping_sets = false;
  /// Has all columns of its own in the comparisons, but for the equated, in GROUP BY.
  bool keys_compared = false;
  /// Has none but equated columns in GROUP BY.
  bool keys_equated = false;
  /// ORDER BY names them.
  bool ordered = false;
  /// The rows that LIMIT leaves depend on what is outside, in a way for which there is no join.
  bool limited = false;
};

enum class SubqueryUse : uint8_t { kScalar, kIn, kQuantified, kExists, kLateral };

/// Throws NOT_SUPPORTED `Given correlated subquery is not supported`. `on_true`: a lateral one that is joined
/// without a condition; true for all others.
void RequireJoinable(const Correlation& correlation, SubqueryUse use, bool on_true, ErrorLocation location);

}  // namespace planaria::sql
