// Order, windows and their frames.
#pragma once

#include <optional>
#include <vector>

#include "sql/ast/row_pattern.h"

namespace planaria::sql::ast {

enum class NullOrdering : uint8_t { kUndefined, kFirst, kLast };
struct SortItem {
  ExpressionPtr key;
  bool descending = false;
  NullOrdering nulls = NullOrdering::kUndefined;
};

struct FrameBound {
  enum class Kind : uint8_t { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
  Kind kind = Kind::kCurrentRow;
  /// Of kPreceding and kFollowing.
  ExpressionPtr value;
};

struct WindowFrame {
  enum class Unit : uint8_t { kRange, kRows, kGroups };
  std::vector<Measure> measures;
  Unit unit = Unit::kRange;
  FrameBound start;
  std::optional<FrameBound> end;
  std::optional<SkipTo> after_match;
  PatternSearch search = PatternSearch::kUnsaid;
  /// May be null.
  RowPatternPtr pattern;
  std::vector<SubsetDefinition> subsets;
  std::vector<VariableDefinition> definitions;
};

struct WindowSpecification {
  std::optional<Identifier> existing;
  ExpressionList partition_by;
  std::vector<SortItem> order_by;
  std::optional<WindowFrame> frame;
};

/// What follows OVER: a name or a specification.
struct Window {
  ErrorLocation location;
  std::optional<Identifier> name;
  WindowSpecification specification;
};

}  // namespace planaria::sql::ast
