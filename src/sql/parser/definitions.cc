// CREATE, DROP and COMMENT.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

/// IF could be a name.
bool Parser::AcceptIfExists() { return Accept({K_IF, K_EXISTS}); }

bool Parser::AcceptIfNotExists() {
  if (!Accept({K_IF, K_NOT})) return false;
  Expect(K_EXISTS);
  return true;
}

bool Parser::AcceptCascade() {
  if (Accept(K_CASCADE)) return true;
  Accept(K_RESTRICT);
  return false;
}

std::optional<std::string> Parser::OptionalComment() {
  if (!Accept(K_COMMENT)) return std::nullopt;
  return String();
}

std::vector<ast::Property> Parser::OptionalProperties() {
  if (!Accept(K_WITH)) return {};
  Expect(kOpen);
  std::vector<ast::Property> properties = PropertyAssignments();
  Expect(kClose);
  return properties;
}

std::vector<ast::Property> Parser::PropertyAssignments() {
  std::vector<ast::Property> properties;
  do {
    ast::Property property{Name(), nullptr};
    Expect(kEqual);
    const TokenType next = Ahead(1).type;
    if (At(K_DEFAULT) && (next == kComma || next == kClose || next == kEnd)) {
      Next();
    } else {
      property.value = Expression();
    }
    properties.push_back(std::move(property));
  } while (Accept(kComma));
  return properties;
}

ast::Statement::Node Parser::Create() {
  const bool or_replace = Accept(K_OR);
  if (or_replace) Expect(K_REPLACE);
  if (!or_replace) {
    if (Accept(K_SCHEMA)) return CreateSchema();
    if (Accept(K_ROLE)) return CreateRole();
    if (Accept(K_CATALOG)) return CreateCatalog();
  }
  if (Accept(K_TABLE)) return CreateTable(or_replace);
  if (Accept(K_VIEW)) return CreateView(or_replace);
  if (Accept(K_FUNCTION)) return ast::CreateFunction{or_replace, Function()};
  Expect({K_MATERIALIZED, K_VIEW});
  return CreateMaterializedView(or_replace);
}

ast::CreateSchema Parser::CreateSchema() {
  ast::CreateSchema create;
  create.if_not_exists = AcceptIfNotExists();
  create.name = Qualified();
  if (Accept(K_AUTHORIZATION)) create.owner = Principal();
  create.properties = OptionalProperties();
  return create;
}

ast::CreateCatalog Parser::CreateCatalog() {
  ast::CreateCatalog create;
  create.if_not_exists = AcceptIfNotExists();
  create.name = Name();
  Expect(K_USING);
  create.connector = Name();
  create.comment = OptionalComment();
  if (Accept(K_AUTHORIZATION)) create.owner = Principal();
  create.properties = OptionalProperties();
  return create;
}

ast::Statement::Node Parser::CreateTable(bool or_replace) {
  const bool if_not_exists = AcceptIfNotExists();
  ast::QualifiedName name = Qualified();
  ast::CreateTableAs as;
  if (At(kOpen)) {
    const TokenType after = Ahead(2).type;
    if (!IsName(Ahead(1).type) || (after != kComma && after != kClose)) {
      ast::CreateTable create{std::move(name), or_replace, if_not_exists, TableElements(), {}, {}};
      create.comment = OptionalComment();
      create.properties = OptionalProperties();
      return create;
    }
    as.columns = ColumnAliases();
  }
  as.name = std::move(name);
  as.or_replace = or_replace;
  as.if_not_exists = if_not_exists;
  as.comment = OptionalComment();
  as.properties = OptionalProperties();
  Expect(K_AS);
  // Parentheses around SELECT belong to the query, those around WITH to the statement.
  const size_t closing = At(kOpen) ? ClosingOf(position()) : 0;
  const TokenType after = TokenAt(closing + 1).type;
  const bool root = Sees({kOpen, K_WITH}) && closing != 0 && (after == kEnd || after == K_WITH);
  if (root) Next();
  as.query = RootQuery();
  if (root) Expect(kClose);
  if (Accept(K_WITH)) {
    as.with_data = !Accept(K_NO);
    Expect(K_DATA);
  }
  return as;
}

std::vector<ast::TableElement> Parser::TableElements() {
  Expect(kOpen);
  std::vector<ast::TableElement> elements;
  do {
    At(K_LIKE);
    if (Here().type == K_LIKE) {
      elements.emplace_back(LikeClause());
    } else {
      elements.emplace_back(ColumnDefinition());
    }
    // Trino does not list what the element could go on with.
    if (taking_notes()) ReturnTo(position());
  } while (Accept(kComma));
  Expect(kClose);
  return elements;
}

ast::LikeClause Parser::LikeClause() {
  Expect(K_LIKE);
  ast::LikeClause like{Qualified(), ast::LikeClause::Properties::kUnsaid};
  if (Accept(K_INCLUDING)) {
    like.properties = ast::LikeClause::Properties::kIncluding;
  } else if (Accept(K_EXCLUDING)) {
    like.properties = ast::LikeClause::Properties::kExcluding;
  } else {
    return like;
  }
  Expect(K_PROPERTIES);
  return like;
}

ast::ColumnDefinition Parser::ColumnDefinition() {
  ast::ColumnDefinition column;
  column.location = Location();
  column.name = Qualified();
  if (taking_notes()) ReturnTo(position());
  column.type = Type();
  if (Accept(K_NOT)) {
    Expect(K_NULL);
    column.nullable = false;
  }
  column.comment = OptionalComment();
  column.properties = OptionalProperties();
  return column;
}

ast::CreateView Parser::CreateView(bool or_replace) {
  ast::CreateView create;
  create.or_replace = or_replace;
  create.name = Qualified();
  if (taking_notes()) ReturnTo(position());
  create.comment = OptionalComment();
  if (Accept(K_SECURITY)) {
    create.security = ast::CreateView::Security::kDefiner;
    if (!Accept(K_DEFINER)) {
      Expect(K_INVOKER);
      create.security = ast::CreateView::Security::kInvoker;
    }
  }
  create.properties = OptionalProperties();
  Expect(K_AS);
  create.query = RootQuery();
  return create;
}

ast::CreateMaterializedView Parser::CreateMaterializedView(bool or_replace) {
  ast::CreateMaterializedView create;
  create.or_replace = or_replace;
  create.if_not_exists = AcceptIfNotExists();
  create.name = Qualified();
  if (taking_notes()) ReturnTo(position());
  if (Accept(K_GRACE)) {
    Expect(K_PERIOD);
    create.grace_period = Interval();
  }
  create.comment = OptionalComment();
  create.properties = OptionalProperties();
  Expect(K_AS);
  create.query = RootQuery();
  return create;
}

ast::Statement::Node Parser::Drop() {
  if (Accept(K_TABLE)) return DropObject(ast::ObjectKind::kTable);
  if (Accept(K_VIEW)) return DropObject(ast::ObjectKind::kView);
  if (Accept(K_SCHEMA)) return DropObject(ast::ObjectKind::kSchema);
  if (Accept(K_CATALOG)) return DropObject(ast::ObjectKind::kCatalog);
  if (Accept(K_ROLE)) return DropRole();
  if (Accept(K_FUNCTION)) {
    ast::DropFunction drop;
    drop.if_exists = AcceptIfExists();
    drop.name = Qualified();
    drop.parameters = RoutineParameters();
    return drop;
  }
  Expect({K_MATERIALIZED, K_VIEW});
  return DropObject(ast::ObjectKind::kMaterializedView);
}

ast::DropObject Parser::DropObject(ast::ObjectKind kind) {
  ast::DropObject drop{kind, {}, AcceptIfExists(), false};
  if (kind == ast::ObjectKind::kCatalog) {
    drop.name.location = Location();
    drop.name.parts.push_back(Name());
  } else {
    drop.name = Qualified();
  }
  if (kind == ast::ObjectKind::kCatalog || kind == ast::ObjectKind::kSchema) drop.cascade = AcceptCascade();
  return drop;
}

ast::Comment Parser::Comment() {
  Expect(K_ON);
  ast::Comment comment;
  if (Accept(K_VIEW)) {
    comment.kind = ast::Comment::Kind::kView;
  } else if (Accept(K_COLUMN)) {
    comment.kind = ast::Comment::Kind::kColumn;
  } else {
    Expect(K_TABLE);
  }
  comment.name = Qualified();
  Expect(K_IS);
  if (!Accept(K_NULL)) comment.comment = String();
  return comment;
}

}  // namespace planaria::sql::parser
