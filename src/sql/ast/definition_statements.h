// CREATE, ALTER, DROP and COMMENT.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/access_statements.h"
#include "sql/ast/expression.h"
#include "sql/ast/routine.h"

namespace planaria::sql::ast {

struct CreateCatalog {
  Identifier name;
  bool if_not_exists = false;
  Identifier connector;
  std::optional<std::string> comment;
  std::optional<Principal> owner;
  std::vector<Property> properties;
};
struct CreateSchema {
  QualifiedName name;
  bool if_not_exists = false;
  std::optional<Principal> owner;
  std::vector<Property> properties;
};

struct ColumnDefinition {
  ErrorLocation location;
  /// Of several parts in ALTER TABLE ADD COLUMN only.
  QualifiedName name;
  DataTypePtr type;
  bool nullable = true;
  std::optional<std::string> comment;
  std::vector<Property> properties;
};
/// LIKE t INCLUDING PROPERTIES
struct LikeClause {
  enum class Properties : uint8_t { kUnsaid, kIncluding, kExcluding };
  QualifiedName table;
  Properties properties = Properties::kUnsaid;
};
using TableElement = std::variant<ColumnDefinition, LikeClause>;

struct CreateTable {
  QualifiedName name;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<TableElement> elements;
  std::optional<std::string> comment;
  std::vector<Property> properties;
};
struct CreateTableAs {
  QualifiedName name;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<Identifier> columns;
  std::optional<std::string> comment;
  std::vector<Property> properties;
  QueryPtr query;
  bool with_data = true;
};
struct CreateView {
  enum class Security : uint8_t { kUnsaid, kDefiner, kInvoker };
  QualifiedName name;
  bool or_replace = false;
  std::optional<std::string> comment;
  Security security = Security::kUnsaid;
  std::vector<Property> properties;
  QueryPtr query;
};
struct CreateMaterializedView {
  QualifiedName name;
  bool or_replace = false;
  bool if_not_exists = false;
  std::optional<IntervalLiteral> grace_period;
  std::optional<std::string> comment;
  std::vector<Property> properties;
  QueryPtr query;
};
struct RefreshMaterializedView {
  QualifiedName name;
};
struct CreateFunction {
  bool or_replace = false;
  FunctionSpecification function;
};
struct DropFunction {
  QualifiedName name;
  bool if_exists = false;
  std::vector<RoutineParameter> parameters;
};

enum class ObjectKind : uint8_t { kCatalog, kSchema, kTable, kView, kMaterializedView };
/// DROP of everything but functions and roles
struct DropObject {
  ObjectKind kind = ObjectKind::kTable;
  QualifiedName name;
  bool if_exists = false;
  /// Of catalogs and schemas.
  bool cascade = false;
};
struct RenameObject {
  ObjectKind kind = ObjectKind::kTable;
  QualifiedName name;
  bool if_exists = false;
  /// One part for schemas.
  QualifiedName target;
};
/// ALTER TABLE t SET PROPERTIES, ALTER MATERIALIZED VIEW v SET PROPERTIES
struct SetProperties {
  ObjectKind kind = ObjectKind::kTable;
  QualifiedName name;
  std::vector<Property> properties;
};
/// ALTER kind name SET AUTHORIZATION
struct SetAuthorization {
  /// As written, capitals.
  std::string kind;
  QualifiedName name;
  Principal owner;
};
struct TruncateTable {
  QualifiedName name;
};

struct AddColumn {
  enum class Position : uint8_t { kUnsaid, kFirst, kLast, kAfter };
  QualifiedName table;
  bool table_if_exists = false;
  bool if_not_exists = false;
  ColumnDefinition column;
  Position position = Position::kUnsaid;
  /// Of kAfter.
  Identifier after;
};
struct RenameColumn {
  QualifiedName table;
  bool table_if_exists = false;
  bool if_exists = false;
  QualifiedName column;
  Identifier target;
};
struct DropColumn {
  QualifiedName table;
  bool table_if_exists = false;
  bool if_exists = false;
  QualifiedName column;
};
struct SetColumnType {
  QualifiedName table;
  bool table_if_exists = false;
  QualifiedName column;
  DataTypePtr type;
};
struct DropNotNull {
  QualifiedName table;
  bool table_if_exists = false;
  Identifier column;
};

struct Comment {
  enum class Kind : uint8_t { kTable, kView, kColumn };
  Kind kind = Kind::kTable;
  QualifiedName name;
  /// Nothing for NULL.
  std::optional<std::string> comment;
};

}  // namespace planaria::sql::ast
