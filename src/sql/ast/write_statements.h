// Statements that change the rows of a table.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sql/ast/query.h"
#include "sql/ast/session_statements.h"

namespace planaria::sql::ast {

struct Insert {
  QualifiedName table;
  std::optional<std::vector<Identifier>> columns;
  QueryPtr query;
};
struct Delete {
  QualifiedName table;
  /// May be null.
  ExpressionPtr where;
};
struct Assignment {
  Identifier column;
  ExpressionPtr value;
};
struct Update {
  QualifiedName table;
  std::vector<Assignment> assignments;
  /// May be null.
  ExpressionPtr where;
};

struct MergeUpdate {
  std::vector<Assignment> assignments;
};
struct MergeDelete {};
struct MergeInsert {
  std::vector<Identifier> columns;
  ExpressionList values;
};
/// MergeInsert is WHEN NOT MATCHED, the others WHEN MATCHED.
struct MergeCase {
  ErrorLocation location;
  /// May be null.
  ExpressionPtr condition;
  std::variant<MergeUpdate, MergeDelete, MergeInsert> action;
};
struct Merge {
  QualifiedName table;
  std::optional<Identifier> alias;
  RelationPtr source;
  ExpressionPtr on;
  std::vector<MergeCase> cases;
};

struct Analyze {
  QualifiedName table;
  std::vector<Property> properties;
};
/// ALTER TABLE t EXECUTE procedure(...) WHERE ...
struct TableExecute {
  QualifiedName table;
  Identifier procedure;
  std::vector<CallArgument> arguments;
  /// May be null.
  ExpressionPtr where;
};

}  // namespace planaria::sql::ast
