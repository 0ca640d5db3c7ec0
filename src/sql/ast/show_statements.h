// SHOW and DESCRIBE.
#pragma once

#include <optional>
#include <string>

#include "sql/ast/forward.h"
#include "sql/ast/identifier.h"

namespace planaria::sql::ast {

struct LikePattern {
  std::string pattern;
  std::optional<std::string> escape;
};

struct ShowCatalogs {
  std::optional<LikePattern> like;
};
struct ShowSchemas {
  std::optional<Identifier> catalog;
  std::optional<LikePattern> like;
};
struct ShowTables {
  std::optional<QualifiedName> schema;
  std::optional<LikePattern> like;
};
/// Also DESCRIBE t.
struct ShowColumns {
  QualifiedName table;
  std::optional<LikePattern> like;
};
struct ShowFunctions {
  std::optional<QualifiedName> schema;
  std::optional<LikePattern> like;
};
struct ShowSession {
  std::optional<LikePattern> like;
};
struct ShowCreate {
  enum class Kind : uint8_t { kTable, kView, kMaterializedView, kSchema, kFunction };
  Kind kind = Kind::kTable;
  QualifiedName name;
};
/// SHOW STATS FOR t, or FOR (query)
struct ShowStats {
  std::optional<QualifiedName> table;
  QueryPtr query;
};
/// SHOW [CURRENT] ROLES
struct ShowRoles {
  bool current = false;
  std::optional<Identifier> catalog;
};
struct ShowRoleGrants {
  std::optional<Identifier> catalog;
};
/// What privileges are about: SCHEMA s, TABLE t, t, or another kind of entity.
struct GrantObject {
  /// As written.
  std::optional<std::string> kind;
  QualifiedName name;
};
struct ShowGrants {
  std::optional<GrantObject> object;
};

}  // namespace planaria::sql::ast
