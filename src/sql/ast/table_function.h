// TABLE(f(...)) and its arguments.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sql/ast/data_type.h"
#include "sql/ast/window.h"

namespace planaria::sql::ast {

/// `DESCRIPTOR(a, b bigint)`
struct DescriptorArgument {
  struct Field {
    Identifier name;
    /// May be null.
    DataTypePtr type;
  };
  std::vector<Field> fields;
};
/// `CAST(NULL AS DESCRIPTOR)`
struct NullDescriptor {};
/// `TABLE(t) AS x (a, b) PARTITION BY a PRUNE WHEN EMPTY ORDER BY b`
struct TableArgument {
  enum class WhenEmpty : uint8_t { kUnsaid, kPrune, kKeep };
  RelationPtr table;
  std::optional<ExpressionList> partition_by;
  std::vector<SortItem> order_by;
  WhenEmpty when_empty = WhenEmpty::kUnsaid;
  /// Of PRUNE or KEEP.
  ErrorLocation when_empty_location = {};
};

struct TableFunctionArgument {
  ErrorLocation location;
  std::optional<Identifier> name;
  std::variant<ExpressionPtr, TableArgument, DescriptorArgument, NullDescriptor> value;
};

struct TableFunctionCall {
  QualifiedName name;
  std::vector<TableFunctionArgument> arguments;
  /// Each at least two tables.
  std::vector<std::vector<QualifiedName>> copartition;
};

}  // namespace planaria::sql::ast
