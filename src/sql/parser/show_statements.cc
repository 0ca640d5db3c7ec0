#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

bool Parser::AcceptFromOrIn() { return Accept(K_FROM) || Accept(K_IN); }

std::optional<ast::LikePattern> Parser::OptionalLike() {
  if (!Accept(K_LIKE)) return std::nullopt;
  ast::LikePattern like{String(), std::nullopt};
  if (Accept(K_ESCAPE)) like.escape = String();
  return like;
}

ast::Statement::Node Parser::Show() {
  if (Accept(K_CATALOGS)) return ast::ShowCatalogs{OptionalLike()};
  if (Accept(K_SCHEMAS)) {
    ast::ShowSchemas show;
    if (AcceptFromOrIn()) show.catalog = Name();
    show.like = OptionalLike();
    return show;
  }
  if (Accept(K_TABLES)) {
    ast::ShowTables show;
    if (AcceptFromOrIn()) show.schema = Qualified();
    show.like = OptionalLike();
    return show;
  }
  if (Accept(K_COLUMNS)) {
    if (!AcceptFromOrIn()) Fail();
    ast::ShowColumns show{Qualified(), std::nullopt};
    show.like = OptionalLike();
    return show;
  }
  if (Accept(K_FUNCTIONS)) {
    ast::ShowFunctions show;
    if (AcceptFromOrIn()) show.schema = Qualified();
    show.like = OptionalLike();
    return show;
  }
  if (Accept(K_SESSION)) return ast::ShowSession{OptionalLike()};
  if (Accept(K_CREATE)) return ShowCreate();
  if (Accept(K_STATS)) {
    Expect(K_FOR);
    ast::ShowStats show;
    if (Accept(kOpen)) {
      show.query = Query();
      Expect(kClose);
    } else {
      show.table = Qualified();
    }
    return show;
  }
  const auto catalog = [&]() -> std::optional<ast::Identifier> {
    if (!AcceptFromOrIn()) return std::nullopt;
    return Name();
  };
  if (Accept(K_ROLES)) return ast::ShowRoles{false, catalog()};
  if (Accept(K_CURRENT)) {
    Expect(K_ROLES);
    return ast::ShowRoles{true, catalog()};
  }
  if (Accept(K_ROLE)) {
    Expect(K_GRANTS);
    return ast::ShowRoleGrants{catalog()};
  }
  Expect(K_GRANTS);
  ast::ShowGrants show;
  if (Accept(K_ON)) show.object = GrantObject();
  return show;
}

ast::ShowCreate Parser::ShowCreate() {
  using Kind = ast::ShowCreate::Kind;
  if (Accept(K_TABLE)) return {Kind::kTable, Qualified()};
  if (Accept(K_VIEW)) return {Kind::kView, Qualified()};
  if (Accept(K_SCHEMA)) return {Kind::kSchema, Qualified()};
  if (Accept(K_FUNCTION)) return {Kind::kFunction, Qualified()};
  Expect({K_MATERIALIZED, K_VIEW});
  return {Kind::kMaterializedView, Qualified()};
}

}  // namespace planaria::sql::parser
