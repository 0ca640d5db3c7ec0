// The SQL/JSON functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/ast/data_type.h"

namespace planaria::sql::ast {

enum class JsonFormat : uint8_t { kJson, kUtf8, kUtf16, kUtf32 };

/// A value that is JSON text in some encoding, or plain when nothing says so.
struct JsonValueExpression {
  ExpressionPtr value;
  std::optional<JsonFormat> format;
};
/// `value AS name` of PASSING
struct JsonPassing {
  JsonValueExpression value;
  Identifier name;
};
/// What the functions begin with: `input, 'path' AS name PASSING ...`.
struct JsonPathInvocation {
  ErrorLocation location;
  JsonValueExpression input;
  std::string path;
  ErrorLocation path_location;
  std::optional<Identifier> path_name;
  std::vector<JsonPassing> passing;
};

struct JsonExists {
  enum class OnError : uint8_t { kTrue, kFalse, kUnknown, kError };
  JsonPathInvocation path;
  OnError on_error = OnError::kFalse;
};

/// What JSON_VALUE gives when nothing is found or something fails.
struct JsonValueBehavior {
  enum class Kind : uint8_t { kNull, kError, kDefault };
  Kind kind = Kind::kNull;
  /// Of kDefault.
  ExpressionPtr value;
};
struct JsonValue {
  JsonPathInvocation path;
  /// May be null.
  DataTypePtr returning;
  JsonValueBehavior on_empty;
  JsonValueBehavior on_error;
};

enum class JsonWrapper : uint8_t { kWithout, kConditional, kUnconditional };
enum class JsonQuotes : uint8_t { kUnsaid, kKeep, kOmit };
enum class JsonQueryBehavior : uint8_t { kNull, kError, kEmptyArray, kEmptyObject };
struct JsonReturning {
  DataTypePtr type;
  std::optional<JsonFormat> format;
};
struct JsonQuery {
  JsonPathInvocation path;
  std::optional<JsonReturning> returning;
  JsonWrapper wrapper = JsonWrapper::kWithout;
  JsonQuotes quotes = JsonQuotes::kUnsaid;
  JsonQueryBehavior on_empty = JsonQueryBehavior::kNull;
  JsonQueryBehavior on_error = JsonQueryBehavior::kNull;
};

struct JsonMember {
  ExpressionPtr key;
  JsonValueExpression value;
};
struct JsonObject {
  std::vector<JsonMember> members;
  bool null_on_null = true;
  bool unique_keys = false;
  std::optional<JsonReturning> returning;
};
struct JsonArray {
  std::vector<JsonValueExpression> elements;
  bool null_on_null = false;
  std::optional<JsonReturning> returning;
};

}  // namespace planaria::sql::ast
