// Statements about the session, prepared statements, transactions and procedures.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/expression.h"

namespace planaria::sql::ast {

struct Use {
  std::optional<Identifier> catalog;
  Identifier schema;
};
struct SetSession {
  QualifiedName name;
  ExpressionPtr value;
};
struct ResetSession {
  QualifiedName name;
};
struct SetSessionAuthorization {
  /// A name or a string.
  std::variant<Identifier, std::string> user;
};
struct ResetSessionAuthorization {};
struct SetPath {
  /// Of one or two parts.
  std::vector<QualifiedName> path;
};
struct SetTimeZone {
  /// Null for LOCAL.
  ExpressionPtr zone;
};
struct SetRole {
  enum class Kind : uint8_t { kRole, kAll, kNone };
  Kind kind = Kind::kRole;
  Identifier role;
  std::optional<Identifier> catalog;
};

struct Explain {
  /// TYPE or FORMAT and its value, capitals.
  struct Option {
    std::string name;
    std::string value;
  };
  std::vector<Option> options;
  bool analyze = false;
  bool verbose = false;
  StatementPtr statement;
};
struct Prepare {
  Identifier name;
  StatementPtr statement;
};
struct Execute {
  Identifier name;
  ExpressionList parameters;
};
struct ExecuteImmediate {
  std::string sql;
  ExpressionList parameters;
};
struct Deallocate {
  Identifier name;
};
struct DescribeInput {
  Identifier name;
};
struct DescribeOutput {
  Identifier name;
};

struct StartTransaction {
  enum class Mode : uint8_t {
    kReadOnly,
    kReadWrite,
    kReadUncommitted,
    kReadCommitted,
    kRepeatableRead,
    kSerializable
  };
  std::vector<Mode> modes;
};
struct Commit {};
struct Rollback {};

/// `name => value` or `value`
struct CallArgument {
  std::optional<Identifier> name;
  ExpressionPtr value;
};
struct Call {
  QualifiedName procedure;
  std::vector<CallArgument> arguments;
};

}  // namespace planaria::sql::ast
