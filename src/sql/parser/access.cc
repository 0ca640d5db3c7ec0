// Roles and privileges.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

std::optional<ast::Identifier> Parser::OptionalInCatalog() {
  if (!Accept(K_IN)) return std::nullopt;
  return Name();
}

ast::Principal Parser::Principal() {
  using Kind = ast::Principal::Kind;
  At(K_USER), At(K_ROLE);
  // USER and ROLE may be names.
  const bool said = IsName(Ahead(1).type) && !(Ahead(1).type == K_GRANTED && Ahead(2).type == K_BY);
  if (said && Here().type == K_USER) {
    Next();
    return {Kind::kUser, Name()};
  }
  if (said && Here().type == K_ROLE) {
    Next();
    return {Kind::kRole, Name()};
  }
  return {Kind::kUnsaid, Name()};
}

ast::Grantor Parser::Grantor() {
  using Kind = ast::Grantor::Kind;
  if (Accept(K_CURRENT_USER)) return {Kind::kCurrentUser, {}};
  if (Accept(K_CURRENT_ROLE)) return {Kind::kCurrentRole, {}};
  return {Kind::kPrincipal, Principal()};
}

ast::CreateRole Parser::CreateRole() {
  ast::CreateRole create{Name(), std::nullopt, std::nullopt};
  if (Accept(K_WITH)) {
    Expect(K_ADMIN);
    create.admin = Grantor();
  }
  create.catalog = OptionalInCatalog();
  return create;
}

ast::DropRole Parser::DropRole() {
  ast::DropRole drop;
  drop.if_exists = AcceptIfExists();
  drop.name = Name();
  drop.catalog = OptionalInCatalog();
  return drop;
}

/// Whether a list of roles stands here and not one of privileges: no ON comes after it.
bool Parser::SeesRoles() const {
  size_t last = 0;
  while (IsName(Ahead(last).type) && Ahead(last + 1).type == kComma) last += 2;
  return IsName(Ahead(last).type) && (Ahead(last + 1).type == K_TO || Ahead(last + 1).type == K_FROM);
}

std::vector<std::string> Parser::Privileges() {
  At(K_ALL);
  if (Here().type == K_ALL && Ahead(1).type == K_PRIVILEGES) {
    Next(), Next();
    return {};
  }
  std::vector<std::string> privileges;
  do {
    At(K_CREATE), At(K_DELETE), At(K_INSERT), At(K_SELECT), At(K_UPDATE);
    const TokenType type = Here().type;
    if (type == K_CREATE || type == K_DELETE || type == K_INSERT || type == K_SELECT || type == K_UPDATE) {
      privileges.emplace_back(Next().text);
    } else {
      privileges.emplace_back(Here().text);
      Name();
    }
  } while (Accept(kComma));
  return privileges;
}

ast::GrantObject Parser::GrantObject() {
  ast::GrantObject object;
  At(K_TABLE), At(K_SCHEMA);
  // TO may be a name as well as what follows the object.
  const bool name_follows =
      Ahead(1).type == K_TO ? Ahead(2).type == K_TO || Ahead(2).type == kDot : IsName(Ahead(1).type);
  if (Here().type == K_TABLE || (name_follows && IsName(Here().type))) {
    object.kind = Here().text;
    Next();
  }
  object.name = Qualified();
  return object;
}

ast::GrantRoles Parser::RolesGranted(bool revoke) {
  ast::GrantRoles grant;
  grant.revoke = revoke;
  do grant.roles.push_back(Name());
  while (Accept(kComma));
  Expect(revoke ? K_FROM : K_TO);
  do grant.principals.push_back(Principal());
  while (Accept(kComma));
  if (!revoke && Accept(K_WITH)) {
    Expect({K_ADMIN, K_OPTION});
    grant.admin_option = true;
  }
  if (Accept(K_GRANTED)) {
    Expect(K_BY);
    grant.grantor = Grantor();
  }
  grant.catalog = OptionalInCatalog();
  return grant;
}

ast::Statement::Node Parser::Grant() {
  if (SeesRoles()) return RolesGranted(false);
  ast::GrantPrivileges grant;
  grant.privileges = Privileges();
  At(K_TO);
  Expect(K_ON);
  grant.object = GrantObject();
  Expect(K_TO);
  grant.principal = Principal();
  if (Accept(K_WITH)) {
    Expect({K_GRANT, K_OPTION});
    grant.grant_option = true;
  }
  return grant;
}

ast::Statement::Node Parser::Revoke() {
  At(K_ADMIN), At(K_GRANT);
  const bool admin = Accept({K_ADMIN, K_OPTION, K_FOR});
  if (admin || SeesRoles()) {
    ast::GrantRoles revoke = RolesGranted(true);
    revoke.admin_option = admin;
    return revoke;
  }
  ast::GrantPrivileges revoke;
  revoke.kind = ast::GrantPrivileges::Kind::kRevoke;
  if (Accept(K_GRANT)) {
    Expect({K_OPTION, K_FOR});
    revoke.grant_option = true;
  }
  revoke.privileges = Privileges();
  At(K_FROM);
  Expect(K_ON);
  revoke.object = GrantObject();
  Expect(K_FROM);
  revoke.principal = Principal();
  return revoke;
}

ast::GrantPrivileges Parser::Deny() {
  ast::GrantPrivileges deny;
  deny.kind = ast::GrantPrivileges::Kind::kDeny;
  deny.privileges = Privileges();
  Expect(K_ON);
  deny.object = GrantObject();
  Expect(K_TO);
  deny.principal = Principal();
  return deny;
}

}  // namespace planaria::sql::parser
