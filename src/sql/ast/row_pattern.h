// Patterns over rows: what MATCH_RECOGNIZE and windows with patterns are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/forward.h"
#include "sql/ast/identifier.h"

namespace planaria::sql::ast {

/// `expression AS name` of MEASURES
struct Measure {
  ExpressionPtr value;
  Identifier name;
};
/// `U = (A, B)` of SUBSET
struct SubsetDefinition {
  Identifier name;
  std::vector<Identifier> variables;
};
/// `A AS condition` of DEFINE
struct VariableDefinition {
  Identifier name;
  ExpressionPtr condition;
};

/// AFTER MATCH SKIP ...; `TO x` is `TO LAST x`.
struct SkipTo {
  enum class Position : uint8_t { kPastLastRow, kNextRow, kFirst, kLast };
  Position position = Position::kPastLastRow;
  std::optional<Identifier> variable;
};

enum class PatternSearch : uint8_t { kUnsaid, kInitial, kSeek };

struct PatternVariable {
  Identifier name;
};
struct EmptyPattern {};
/// `^` and `$`
struct PatternAnchor {
  bool end = false;
};
/// `{- A -}`
struct ExcludedPattern {
  RowPatternPtr pattern;
};
struct PatternPermutation {
  std::vector<RowPatternPtr> patterns;
};
/// `A B`
struct PatternConcatenation {
  RowPatternPtr left;
  RowPatternPtr right;
};
/// `A | B`
struct PatternAlternation {
  RowPatternPtr left;
  RowPatternPtr right;
};
struct QuantifiedPattern {
  enum class Kind : uint8_t { kZeroOrMore, kOneOrMore, kZeroOrOne, kRange };
  RowPatternPtr pattern;
  Kind kind = Kind::kZeroOrMore;
  /// Of kRange, as written; `{2}` has both equal.
  std::optional<std::string> at_least;
  std::optional<std::string> at_most;
  bool reluctant = false;
};

struct RowPattern {
  ErrorLocation location;
  std::variant<PatternVariable, EmptyPattern, PatternAnchor, ExcludedPattern, PatternPermutation,
               PatternConcatenation, PatternAlternation, QuantifiedPattern>
      node;
};

}  // namespace planaria::sql::ast
