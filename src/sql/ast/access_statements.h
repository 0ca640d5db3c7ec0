// Roles and privileges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/ast/show_statements.h"

namespace planaria::sql::ast {

struct Principal {
  enum class Kind : uint8_t { kUnsaid, kUser, kRole };
  Kind kind = Kind::kUnsaid;
  Identifier name;
};
/// Who grants: somebody, or the session's user or role.
struct Grantor {
  enum class Kind : uint8_t { kPrincipal, kCurrentUser, kCurrentRole };
  Kind kind = Kind::kPrincipal;
  Principal principal;
};

struct CreateRole {
  Identifier name;
  std::optional<Grantor> admin;
  std::optional<Identifier> catalog;
};
struct DropRole {
  Identifier name;
  bool if_exists = false;
  std::optional<Identifier> catalog;
};
/// GRANT and REVOKE of roles
struct GrantRoles {
  bool revoke = false;
  std::vector<Identifier> roles;
  std::vector<Principal> principals;
  /// WITH ADMIN OPTION, ADMIN OPTION FOR
  bool admin_option = false;
  std::optional<Grantor> grantor;
  std::optional<Identifier> catalog;
};
/// GRANT, REVOKE and DENY of privileges
struct GrantPrivileges {
  enum class Kind : uint8_t { kGrant, kRevoke, kDeny };
  Kind kind = Kind::kGrant;
  /// Empty for ALL PRIVILEGES.
  std::vector<std::string> privileges;
  GrantObject object;
  Principal principal;
  /// WITH GRANT OPTION, GRANT OPTION FOR
  bool grant_option = false;
};

}  // namespace planaria::sql::ast
