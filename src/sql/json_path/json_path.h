// SQL/JSON paths as trees: `lax $.a[*].b ? (@ > 1) + $x`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::sql::json_path {

struct Predicate;
struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
using PredicatePtr = std::unique_ptr<Predicate>;

/// `1`, `1 to last`
struct Subscript {
  ExpressionPtr from;
  /// Null for a single one.
  ExpressionPtr to;
};

struct Expression {
  enum class Kind : uint8_t {
    /// `$`, `@`, `last`
    kRoot,
    kItem,
    kLast,
    /// `$text`
    kVariable,
    /// `text` is JSON.
    kLiteral,
    kNegate,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kModulus,
    /// What follows has what it is taken of as its only operand: `.text`, `.*`, `..text`, `[..]`, `[*]`, `?
    /// ()`.
    kMember,
    kAnyMember,
    kDescendants,
    kElements,
    kAnyElement,
    kFilter,
    kAbs,
    kCeiling,
    kDouble,
    kFloor,
    kKeyValue,
    kSize,
    kType,
  };
  Kind kind = Kind::kRoot;
  std::string text = {};
  std::vector<ExpressionPtr> operands = {};
  std::vector<Subscript> subscripts = {};
  PredicatePtr filter = nullptr;
  /// Where a variable stands in the path.
  size_t offset = 0;
};

/// `@.a > 1`, `exists(@.b)`, `a && b`
struct Predicate {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kExists, kStartsWith, kCompare, kIsUnknown };
  Kind kind = Kind::kCompare;
  /// Of kCompare.
  std::string op = {};
  std::vector<PredicatePtr> parts = {};
  std::vector<ExpressionPtr> operands = {};
};

struct Path {
  bool strict = false;
  ExpressionPtr root;
  /// Names of variables, in the order of the text.
  std::vector<std::string> variables;
};

/// What is thrown for a text that is no path.
struct InvalidPath {
  size_t offset = 0;
  std::string message;
  /// A path of the standard that Trino does not evaluate.
  bool not_supported = false;
};

/// Throws InvalidPath.
Path Parse(std::string_view text);

}  // namespace planaria::sql::json_path
