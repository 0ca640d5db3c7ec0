// JSON_TABLE in FROM.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/json.h"

namespace planaria::sql::ast {

struct JsonTableColumn;

struct OrdinalityColumn {
  Identifier name;
};
/// `name type PATH 'p'`: as JSON_VALUE
struct ValueColumn {
  Identifier name;
  DataTypePtr type;
  std::optional<std::string> path;
  ErrorLocation path_location;
  JsonValueBehavior on_empty;
  std::optional<JsonValueBehavior> on_error;
};
/// `name type FORMAT JSON PATH 'p'`: as JSON_QUERY
struct QueryColumn {
  Identifier name;
  DataTypePtr type;
  JsonFormat format = JsonFormat::kJson;
  std::optional<std::string> path;
  ErrorLocation path_location;
  JsonWrapper wrapper = JsonWrapper::kWithout;
  JsonQuotes quotes = JsonQuotes::kUnsaid;
  JsonQueryBehavior on_empty = JsonQueryBehavior::kNull;
  std::optional<JsonQueryBehavior> on_error;
};
struct NestedColumns {
  std::string path;
  ErrorLocation path_location;
  std::optional<Identifier> path_name;
  std::vector<JsonTableColumn> columns;
};
struct JsonTableColumn {
  std::variant<OrdinalityColumn, ValueColumn, QueryColumn, NestedColumns> node;
  ErrorLocation location;
};

/// A path's name, or how two plans join.
struct JsonTablePlan {
  enum class Kind : uint8_t { kPath, kOuter, kInner, kUnion, kCross };
  Kind kind = Kind::kPath;
  ErrorLocation location;
  /// Of kPath.
  Identifier path;
  /// None of kPath; two of kOuter and kInner, a path first; two or more of kUnion and kCross.
  std::vector<JsonTablePlan> operands;
};
/// PLAN DEFAULT (OUTER, CROSS)
struct JsonTableDefaultPlan {
  bool inner = false;
  bool cross = false;
};

struct JsonTable {
  enum class OnError : uint8_t { kUnsaid, kError, kEmpty };
  JsonPathInvocation path;
  std::vector<JsonTableColumn> columns;
  std::variant<std::monostate, JsonTablePlan, JsonTableDefaultPlan> plan;
  OnError on_error = OnError::kUnsaid;
};

}  // namespace planaria::sql::ast
