#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

namespace {

std::string_view Text(ast::ObjectKind kind) {
  static constexpr std::string_view kTexts[] = {"CATALOG ", "SCHEMA ", "TABLE ", "VIEW ",
                                                "MATERIALIZED VIEW "};
  return kTexts[static_cast<size_t>(kind)];
}

}  // namespace

void SqlWriter::CommentLine(const std::optional<std::string>& comment) {
  if (!comment) return;
  Put("\nCOMMENT ");
  PutString(*comment);
}

void SqlWriter::PropertyLines(const std::vector<ast::Property>& properties) {
  if (properties.empty()) return;
  Put("\nWITH (\n   ");
  Properties(properties, ",\n   ");
  Put("\n)");
}

void SqlWriter::Node(const ast::CreateCatalog& create, int) {
  Put(create.if_not_exists ? "CREATE CATALOG IF NOT EXISTS " : "CREATE CATALOG ");
  Write(create.name);
  Put(" USING ");
  Write(create.connector);
  CommentLine(create.comment);
  if (create.owner) {
    Put("\nAUTHORIZATION ");
    Principal(*create.owner);
  }
  PropertyLines(create.properties);
}

void SqlWriter::Node(const ast::CreateSchema& create, int) {
  Put(create.if_not_exists ? "CREATE SCHEMA IF NOT EXISTS " : "CREATE SCHEMA ");
  Write(create.name);
  if (create.owner) {
    Put("\nAUTHORIZATION ");
    Principal(*create.owner);
  }
  PropertyLines(create.properties);
}

void SqlWriter::Column(const ast::ColumnDefinition& column) {
  Write(column.name);
  Put(" ");
  Write(*column.type);
  if (!column.nullable) Put(" NOT NULL");
  if (column.comment) {
    Put(" COMMENT ");
    PutString(*column.comment);
  }
  if (column.properties.empty()) return;
  Put(" WITH (");
  Properties(column.properties, ", ");
  Put(")");
}

void SqlWriter::Node(const ast::CreateTable& create, int) {
  Put(create.or_replace ? "CREATE OR REPLACE TABLE " : "CREATE TABLE ");
  if (create.if_not_exists) Put("IF NOT EXISTS ");
  Write(create.name);
  Put(" (\n");
  Separated(create.elements, ",\n", [&](const ast::TableElement& element) {
    PutAt(1, "");
    if (const auto* column = std::get_if<ast::ColumnDefinition>(&element)) return Column(*column);
    const auto& like = std::get<ast::LikeClause>(element);
    Put("LIKE ");
    Write(like.table);
    if (like.properties == ast::LikeClause::Properties::kIncluding) Put(" INCLUDING PROPERTIES");
    if (like.properties == ast::LikeClause::Properties::kExcluding) Put(" EXCLUDING PROPERTIES");
  });
  Put("\n)");
  CommentLine(create.comment);
  PropertyLines(create.properties);
}

void SqlWriter::Node(const ast::CreateTableAs& create, int indent) {
  Put(create.or_replace ? "CREATE OR REPLACE TABLE " : "CREATE TABLE ");
  if (create.if_not_exists) Put("IF NOT EXISTS ");
  Write(create.name);
  if (!create.columns.empty()) {
    Put("( ");
    Names(create.columns);
    Put(" )");
  }
  CommentLine(create.comment);
  PropertyLines(create.properties);
  Put(" AS ");
  Write(*create.query, indent);
  if (!create.with_data) Put(" WITH NO DATA");
}

void SqlWriter::Node(const ast::CreateView& create, int indent) {
  Put(create.or_replace ? "CREATE OR REPLACE VIEW " : "CREATE VIEW ");
  Write(create.name);
  if (create.comment) {
    Put(" COMMENT ");
    PutString(*create.comment);
  }
  if (create.security == ast::CreateView::Security::kDefiner) Put(" SECURITY DEFINER");
  if (create.security == ast::CreateView::Security::kInvoker) Put(" SECURITY INVOKER");
  PropertyLines(create.properties);
  Put(" AS\n");
  Write(*create.query, indent);
}

void SqlWriter::Node(const ast::CreateMaterializedView& create, int indent) {
  Put(create.or_replace ? "CREATE OR REPLACE MATERIALIZED VIEW " : "CREATE MATERIALIZED VIEW ");
  if (create.if_not_exists) Put("IF NOT EXISTS ");
  Write(create.name);
  if (create.grace_period) {
    Put("\nGRACE PERIOD ");
    Node(*create.grace_period);
  }
  CommentLine(create.comment);
  PropertyLines(create.properties);
  Put(" AS\n");
  Write(*create.query, indent);
}

void SqlWriter::Node(const ast::RefreshMaterializedView& refresh, int) {
  Put("REFRESH MATERIALIZED VIEW ");
  Write(refresh.name);
}

void SqlWriter::Node(const ast::DropObject& drop, int) {
  Put("DROP ");
  Put(Text(drop.kind));
  if (drop.if_exists) Put("IF EXISTS ");
  Write(drop.name);
  if (drop.kind == ast::ObjectKind::kSchema || drop.kind == ast::ObjectKind::kCatalog) {
    Put(drop.cascade ? " CASCADE" : " RESTRICT");
  }
}

void SqlWriter::Node(const ast::RenameObject& rename, int) {
  Put("ALTER ");
  Put(Text(rename.kind));
  if (rename.if_exists) Put("IF EXISTS ");
  Write(rename.name);
  Put(" RENAME TO ");
  Write(rename.target);
}

void SqlWriter::Node(const ast::SetProperties& set, int) {
  Put("ALTER ");
  Put(Text(set.kind));
  Write(set.name);
  Put(" SET PROPERTIES ");
  Properties(set.properties, ", ");
}

void SqlWriter::Node(const ast::SetAuthorization& set, int) {
  Put("ALTER ");
  Put(set.kind);
  Put(" ");
  Write(set.name);
  Put(" SET AUTHORIZATION ");
  Principal(set.owner);
}

void SqlWriter::Node(const ast::TruncateTable& truncate, int) {
  Put("TRUNCATE TABLE ");
  Write(truncate.name);
}

void SqlWriter::AlterTable(const ast::QualifiedName& table, bool if_exists) {
  Put(if_exists ? "ALTER TABLE IF EXISTS " : "ALTER TABLE ");
  Write(table);
}

void SqlWriter::Node(const ast::AddColumn& add, int) {
  using Position = ast::AddColumn::Position;
  AlterTable(add.table, add.table_if_exists);
  Put(add.if_not_exists ? " ADD COLUMN IF NOT EXISTS " : " ADD COLUMN ");
  Column(add.column);
  if (add.position == Position::kFirst) Put(" FIRST");
  if (add.position == Position::kLast) Put(" LAST");
  if (add.position != Position::kAfter) return;
  Put(" AFTER ");
  Write(add.after);
}

void SqlWriter::Node(const ast::RenameColumn& rename, int) {
  AlterTable(rename.table, rename.table_if_exists);
  Put(rename.if_exists ? " RENAME COLUMN IF EXISTS " : " RENAME COLUMN ");
  Write(rename.column);
  Put(" TO ");
  Write(rename.target);
}

void SqlWriter::Node(const ast::DropColumn& drop, int) {
  AlterTable(drop.table, drop.table_if_exists);
  Put(drop.if_exists ? " DROP COLUMN IF EXISTS " : " DROP COLUMN ");
  Write(drop.column);
}

void SqlWriter::Node(const ast::SetColumnType& set, int) {
  AlterTable(set.table, set.table_if_exists);
  Put(" ALTER COLUMN ");
  Write(set.column);
  Put(" SET DATA TYPE ");
  Write(*set.type);
}

void SqlWriter::Node(const ast::DropNotNull& drop, int) {
  AlterTable(drop.table, drop.table_if_exists);
  Put(" ALTER COLUMN ");
  Write(drop.column);
  Put(" DROP NOT NULL");
}

void SqlWriter::Node(const ast::Comment& comment, int) {
  static constexpr std::string_view kKinds[] = {"TABLE ", "VIEW ", "COLUMN "};
  Put("COMMENT ON ");
  Put(kKinds[static_cast<size_t>(comment.kind)]);
  Write(comment.name);
  Put(" IS ");
  if (!comment.comment) return Put("NULL");
  PutString(*comment.comment);
}

}  // namespace planaria::sql::formatter
