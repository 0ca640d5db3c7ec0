// Expressions of operators and predicates.
#pragma once

#include <cstdint>
#include <vector>

#include "sql/ast/forward.h"
#include "sql/ast/identifier.h"

namespace planaria::sql::ast {

enum class ArithmeticOperator : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulus };
struct ArithmeticBinary {
  ArithmeticOperator op = ArithmeticOperator::kAdd;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct ArithmeticUnary {
  bool negative = false;
  ExpressionPtr value;
};

enum class ComparisonOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIsDistinctFrom
};
struct Comparison {
  ComparisonOperator op = ComparisonOperator::kEqual;
  ExpressionPtr left;
  ExpressionPtr right;
};
enum class Quantifier : uint8_t { kAll, kAny, kSome };
/// `a = ALL (query)`
struct QuantifiedComparison {
  ComparisonOperator op = ComparisonOperator::kEqual;
  Quantifier quantifier = Quantifier::kAll;
  ExpressionPtr value;
  QueryPtr query;
};

/// `a AND b AND c` is one of three terms.
struct Logical {
  enum class Operator : uint8_t { kAnd, kOr };
  Operator op = Operator::kAnd;
  ExpressionList terms;
};
/// Also `x NOT IN (..)`, `x NOT LIKE y`, `x NOT BETWEEN ..` and `x IS NOT DISTINCT FROM y`.
struct Not {
  ExpressionPtr value;
};
struct IsNull {
  ExpressionPtr value;
  bool negated = false;
};
struct Between {
  ExpressionPtr value;
  ExpressionPtr min;
  ExpressionPtr max;
};
struct InList {
  ExpressionPtr value;
  ExpressionList list;
};
struct InSubquery {
  ExpressionPtr value;
  QueryPtr query;
};
struct Like {
  ExpressionPtr value;
  ExpressionPtr pattern;
  /// May be null.
  ExpressionPtr escape;
};
struct Exists {
  QueryPtr query;
};
/// `(query)` as a value
struct ScalarSubquery {
  QueryPtr query;
};

struct WhenClause {
  ExpressionPtr condition;
  ExpressionPtr result;
};
struct Case {
  /// Null for CASE WHEN.
  ExpressionPtr operand;
  std::vector<WhenClause> when;
  /// May be null.
  ExpressionPtr otherwise;
};

/// `a.b`, where `a` is any expression
struct Dereference {
  ExpressionPtr base;
  Identifier field;
};
/// `a[b]`
struct Subscript {
  ExpressionPtr base;
  ExpressionPtr index;
};
struct ArrayConstructor {
  ExpressionList values;
};
/// `(a, b)` and `ROW(a, b)`
struct RowConstructor {
  ExpressionList values;
};
/// `(a, b) -> body`
struct Lambda {
  std::vector<Identifier> parameters;
  ExpressionPtr body;
};
struct AtTimeZone {
  ExpressionPtr value;
  /// A string or an interval.
  ExpressionPtr zone;
};

}  // namespace planaria::sql::ast
