// ALTER.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::Statement::Node Parser::Alter() {
  const bool kind_follows = Ahead(1).type != kDot;
  if (kind_follows) {
    if (Accept(K_TABLE)) return AlterTable();
    if (Accept(K_SCHEMA)) return RenameOrAuthorize(ast::ObjectKind::kSchema, "SCHEMA");
    if (Accept(K_VIEW)) return RenameOrAuthorize(ast::ObjectKind::kView, "VIEW");
    if (Accept(K_MATERIALIZED)) {
      AtName();
      Expect(K_VIEW);
      return RenameOrAuthorize(ast::ObjectKind::kMaterializedView, "MATERIALIZED VIEW");
    }
  }
  // Another kind of entity, which a connector may know.
  std::string kind(Here().text);
  Name();
  return SetAuthorization(std::move(kind), Qualified());
}

ast::Statement::Node Parser::SetAuthorization(std::string kind, ast::QualifiedName name) {
  Expect({K_SET, K_AUTHORIZATION});
  return ast::SetAuthorization{std::move(kind), std::move(name), Principal()};
}

ast::Statement::Node Parser::RenameOrAuthorize(ast::ObjectKind kind, std::string_view word) {
  const bool materialized = kind == ast::ObjectKind::kMaterializedView;
  const bool if_exists = materialized && AcceptIfExists();
  ast::QualifiedName name = Qualified();
  if (Accept(K_RENAME)) {
    Expect(K_TO);
    ast::RenameObject rename{kind, std::move(name), if_exists, {}};
    if (kind == ast::ObjectKind::kSchema) {
      rename.target.location = Location();
      rename.target.parts.push_back(Name());
    } else {
      rename.target = Qualified();
    }
    return rename;
  }
  if (!materialized) return SetAuthorization(std::string(word), std::move(name));
  Expect({K_SET, K_PROPERTIES});
  return ast::SetProperties{kind, std::move(name), PropertyAssignments()};
}

ast::Statement::Node Parser::AlterTable() {
  const bool if_exists = AcceptIfExists();
  ast::QualifiedName table = Qualified();
  if (Accept(K_RENAME)) {
    if (Accept(K_TO))
      return ast::RenameObject{ast::ObjectKind::kTable, std::move(table), if_exists, Qualified()};
    Expect(K_COLUMN);
    ast::RenameColumn rename{std::move(table), if_exists, AcceptIfExists(), Qualified(), {}};
    Expect(K_TO);
    rename.target = Name();
    return rename;
  }
  if (Accept(K_ADD)) {
    Expect(K_COLUMN);
    return AddColumn(std::move(table), if_exists);
  }
  if (Accept(K_DROP)) {
    Expect(K_COLUMN);
    const bool column_if_exists = AcceptIfExists();
    return ast::DropColumn{std::move(table), if_exists, column_if_exists, Qualified()};
  }
  if (Accept(K_ALTER)) {
    Expect(K_COLUMN);
    return AlterColumn(std::move(table), if_exists);
  }
  if (if_exists) Fail();
  if (Accept(K_EXECUTE)) return TableExecute(std::move(table));
  Expect(K_SET);
  if (Accept(K_PROPERTIES))
    return ast::SetProperties{ast::ObjectKind::kTable, std::move(table), PropertyAssignments()};
  Expect(K_AUTHORIZATION);
  return ast::SetAuthorization{"TABLE", std::move(table), Principal()};
}

ast::Statement::Node Parser::AddColumn(ast::QualifiedName table, bool if_exists) {
  ast::AddColumn add{std::move(table), if_exists, AcceptIfNotExists(), ColumnDefinition(), {}, {}};
  using Position = ast::AddColumn::Position;
  if (Accept(K_FIRST)) {
    add.position = Position::kFirst;
  } else if (Accept(K_LAST)) {
    add.position = Position::kLast;
  } else if (Accept(K_AFTER)) {
    add.position = Position::kAfter;
    add.after = Name();
  }
  return add;
}

ast::Statement::Node Parser::AlterColumn(ast::QualifiedName table, bool if_exists) {
  ast::QualifiedName column = Qualified();
  if (column.parts.size() == 1 && Accept(K_DROP)) {
    Expect({K_NOT, K_NULL});
    return ast::DropNotNull{std::move(table), if_exists, std::move(column.parts[0])};
  }
  Expect({K_SET, K_DATA, K_TYPE});
  return ast::SetColumnType{std::move(table), if_exists, std::move(column), Type()};
}

ast::Statement::Node Parser::TableExecute(ast::QualifiedName table) {
  ast::TableExecute execute{std::move(table), Name(), {}, nullptr};
  if (Accept(kOpen)) {
    if (!At(kClose)) execute.arguments = CallArguments();
    Expect(kClose);
  }
  if (Accept(K_WHERE)) execute.where = Expression();
  return execute;
}

}  // namespace planaria::sql::parser
