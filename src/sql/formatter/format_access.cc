#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Principal(const ast::Principal& principal) {
  if (principal.kind == ast::Principal::Kind::kUser) Put("USER ");
  if (principal.kind == ast::Principal::Kind::kRole) Put("ROLE ");
  Write(principal.name);
}

void SqlWriter::Grantor(const ast::Grantor& grantor) {
  if (grantor.kind == ast::Grantor::Kind::kCurrentUser) return Put("CURRENT_USER");
  if (grantor.kind == ast::Grantor::Kind::kCurrentRole) return Put("CURRENT_ROLE");
  Principal(grantor.principal);
}

void SqlWriter::Object(const ast::GrantObject& object) {
  if (object.kind) {
    Put(*object.kind);
    Put(" ");
  }
  Write(object.name);
}

void SqlWriter::InCatalog(const std::optional<ast::Identifier>& catalog) {
  if (!catalog) return;
  Put(" IN ");
  Write(*catalog);
}

void SqlWriter::Node(const ast::CreateRole& create, int) {
  Put("CREATE ROLE ");
  Write(create.name);
  if (create.admin) {
    Put(" WITH ADMIN ");
    Grantor(*create.admin);
  }
  InCatalog(create.catalog);
}

void SqlWriter::Node(const ast::DropRole& drop, int) {
  Put(drop.if_exists ? "DROP ROLE IF EXISTS " : "DROP ROLE ");
  Write(drop.name);
  InCatalog(drop.catalog);
}

void SqlWriter::Node(const ast::GrantRoles& grant, int) {
  Put(grant.revoke ? "REVOKE " : "GRANT ");
  if (grant.revoke && grant.admin_option) Put("ADMIN OPTION FOR ");
  Names(grant.roles);
  Put(grant.revoke ? " FROM " : " TO ");
  Separated(grant.principals, ", ", [&](const auto& principal) { Principal(principal); });
  if (!grant.revoke && grant.admin_option) Put(" WITH ADMIN OPTION");
  if (grant.grantor) {
    Put(" GRANTED BY ");
    Grantor(*grant.grantor);
  }
  InCatalog(grant.catalog);
}

void SqlWriter::Node(const ast::GrantPrivileges& grant, int) {
  using Kind = ast::GrantPrivileges::Kind;
  static constexpr std::string_view kWords[] = {"GRANT ", "REVOKE ", "DENY "};
  Put(kWords[static_cast<size_t>(grant.kind)]);
  if (grant.kind == Kind::kRevoke && grant.grant_option) Put("GRANT OPTION FOR ");
  if (grant.privileges.empty()) Put("ALL PRIVILEGES");
  Separated(grant.privileges, ", ", [&](const auto& privilege) { Put(privilege); });
  Put(" ON ");
  Object(grant.object);
  Put(grant.kind == Kind::kRevoke ? " FROM " : " TO ");
  Principal(grant.principal);
  if (grant.kind == Kind::kGrant && grant.grant_option) Put(" WITH GRANT OPTION");
}

}  // namespace planaria::sql::formatter
