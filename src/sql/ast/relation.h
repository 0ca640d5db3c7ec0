// What FROM names.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sql/ast/json_table.h"
#include "sql/ast/table_function.h"

namespace planaria::sql::ast {

/// FOR VERSION AS OF x, FOR TIMESTAMP AS OF x
struct QueryPeriod {
  bool timestamp = false;
  ExpressionPtr end;
};
struct Table {
  QualifiedName name;
  std::optional<QueryPeriod> period;
};
struct SubqueryRelation {
  QueryPtr query;
};
struct Lateral {
  QueryPtr query;
};
struct Unnest {
  ExpressionList expressions;
  bool with_ordinality = false;
};
struct AliasedRelation {
  RelationPtr relation;
  Identifier alias;
  std::vector<Identifier> columns;
};
struct SampledRelation {
  enum class Method : uint8_t { kBernoulli, kSystem };
  RelationPtr relation;
  Method method = Method::kBernoulli;
  ExpressionPtr percentage;
};
struct Join {
  enum class Kind : uint8_t { kCross, kInner, kLeft, kRight, kFull };
  Kind kind = Kind::kInner;
  bool natural = false;
  RelationPtr left;
  RelationPtr right;
  /// ON; null with USING, NATURAL and CROSS.
  ExpressionPtr on;
  std::vector<Identifier> using_columns;
};
struct MatchRecognize {
  enum class Rows : uint8_t { kUnsaid, kOne, kAllShowEmpty, kAllOmitEmpty, kAllWithUnmatched };
  RelationPtr input;
  ExpressionList partition_by;
  std::vector<SortItem> order_by;
  std::vector<Measure> measures;
  Rows rows = Rows::kUnsaid;
  std::optional<SkipTo> after_match;
  PatternSearch search = PatternSearch::kUnsaid;
  RowPatternPtr pattern;
  std::vector<SubsetDefinition> subsets;
  std::vector<VariableDefinition> definitions;
};

struct Relation {
  using Node = std::variant<Table, SubqueryRelation, Lateral, Unnest, AliasedRelation, SampledRelation, Join,
                            MatchRecognize, TableFunctionCall, JsonTable>;

  Relation(ErrorLocation location, Node node);
  ~Relation();

  ErrorLocation location;
  Node node;
};

}  // namespace planaria::sql::ast
