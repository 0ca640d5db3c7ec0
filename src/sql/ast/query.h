// Queries.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sql/ast/expression.h"
#include "sql/ast/relation.h"
#include "sql/ast/routine.h"

namespace planaria::sql::ast {

/// `*`, `t.*` or `t.* AS (a, b)`
struct AllColumns {
  /// Null for `*`.
  ExpressionPtr target;
  std::vector<Identifier> aliases;
};
struct SingleColumn {
  ExpressionPtr expression;
  std::optional<Identifier> alias;
};
using SelectItem = std::variant<SingleColumn, AllColumns>;

struct SimpleGroupBy {
  ExpressionList columns;
  /// Written `(a, b)` or `()`, not as one expression.
  bool parenthesized = false;
};
/// ROLLUP, CUBE and GROUPING SETS
struct GroupingSets {
  enum class Kind : uint8_t { kExplicit, kRollup, kCube };
  Kind kind = Kind::kExplicit;
  std::vector<ExpressionList> sets;
};
struct AutoGroupBy {};
using GroupingElement = std::variant<SimpleGroupBy, GroupingSets, AutoGroupBy>;
struct GroupBy {
  bool distinct = false;
  std::vector<GroupingElement> elements;
};

/// `name AS (...)` of WINDOW
struct WindowDefinition {
  Identifier name;
  WindowSpecification specification;
};

struct QuerySpecification {
  bool distinct = false;
  std::vector<SelectItem> items;
  /// Several are joined crosswise.
  std::vector<RelationPtr> from;
  /// These two may be null.
  ExpressionPtr where;
  ExpressionPtr having;
  std::optional<GroupBy> group_by;
  std::vector<WindowDefinition> windows;
};
struct Values {
  ExpressionList rows;
};
/// TABLE t
struct TableQuery {
  QualifiedName name;
};
struct QueryBody;
using QueryBodyPtr = std::unique_ptr<QueryBody>;
struct SetOperation {
  enum class Kind : uint8_t { kUnion, kIntersect, kExcept };
  Kind kind = Kind::kUnion;
  bool all = false;
  bool corresponding = false;
  /// CORRESPONDING BY (a, b)
  std::vector<Identifier> corresponding_by;
  QueryBodyPtr left;
  QueryBodyPtr right;
};
struct QueryBody {
  using Node = std::variant<QuerySpecification, Values, TableQuery, SetOperation, QueryPtr>;

  QueryBody(ErrorLocation location, Node node);
  ~QueryBody();

  ErrorLocation location;
  Node node;
};

struct WithQuery {
  Identifier name;
  std::vector<Identifier> columns;
  QueryPtr query;
};
struct With {
  bool recursive = false;
  std::vector<WithQuery> queries;
};
/// `name = value` of WITH SESSION
struct SessionProperty {
  QualifiedName name;
  ExpressionPtr value;
};

struct RowCount {
  /// A number as written, `?`, or `ALL` (of LIMIT).
  std::string text;
  /// The number of `?`.
  size_t parameter = 0;
};
/// LIMIT or FETCH FIRST
struct Limit {
  ErrorLocation location;
  bool fetch = false;
  /// Nothing for FETCH FIRST ROW.
  std::optional<RowCount> count;
  bool with_ties = false;
};

struct Query {
  Query();
  ~Query();

  ErrorLocation location;
  std::vector<SessionProperty> session;
  std::vector<FunctionSpecification> functions;
  std::optional<With> with;
  QueryBodyPtr body;
  std::vector<SortItem> order_by;
  std::optional<RowCount> offset;
  std::optional<Limit> limit;
};

}  // namespace planaria::sql::ast
