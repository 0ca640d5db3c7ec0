#include "base/error.h"
#include "connector/column_type.h"
#include "coordinator/definition_steps.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/like_pattern.h"
#include "sql/names.h"
#include "sql/parse.h"

namespace planaria::coordinator {

namespace {

/// As Trino's formatter writes names.
std::string Identifier(const std::string& name) {
  return sql::FormatName(sql::ast::Identifier{name, false, {}});
}

std::string FullName(const ObjectName& name) {
  return Identifier(name.catalog) + "." + Identifier(name.reference.schema) + "." +
         Identifier(name.reference.name);
}

/// A type as SQL: `decimal(10, 2)`, `array(ROW(x integer))`.
std::string TypeText(const connector::Column& column) {
  const auto cast = sql::Parse("SELECT CAST(x AS " + connector::ColumnTypeName(column) + ")");
  const std::string text = sql::Format(*cast);
  const size_t begin = text.find(" AS ") + 4;
  return text.substr(begin, text.rfind(')') - begin);
}

std::string TableText(const ObjectName& name, const connector::Table& table) {
  std::string columns;
  for (const connector::Column& column : table.columns()) {
    if (column.hidden) continue;
    columns += (columns.empty() ? "" : ",\n") + std::string("   ") + Identifier(column.name) + " " +
               TypeText(column);
    if (!column.nullable) columns += " NOT NULL";
    if (column.comment) columns += " COMMENT " + sql::QuoteString(*column.comment);
  }
  std::string text = "CREATE TABLE " + FullName(name) + " (\n" + columns + "\n)";
  if (const auto comment = table.comment()) text += "\nCOMMENT " + sql::QuoteString(*comment);
  std::string properties;
  for (const auto& [property, value] : table.properties()) {
    properties += (properties.empty() ? "   " : ",\n   ") + property + " = " + value;
  }
  if (!properties.empty()) text += "\nWITH (\n" + properties + "\n)";
  return text;
}

std::string ViewText(const ObjectName& name, const connector::View& view) {
  std::string text = "CREATE VIEW " + FullName(name);
  if (view.comment) text += " COMMENT " + sql::QuoteString(*view.comment);
  text += view.owner ? " SECURITY DEFINER AS\n" : " SECURITY INVOKER AS\n";
  text += view.query;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string ShowText(const std::string& column, const std::string& text) {
  return "SELECT " + sql::QuoteString(text) + " AS " + sql::QuoteName(column);
}

}  // namespace

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::ShowCreate& show,
                        ErrorLocation location) {
  using Kind = sql::ast::ShowCreate::Kind;
  if (show.kind == Kind::kSchema) {
    const SchemaName name = objects.SchemaOf(show.name, show.name.parts.size());
    const auto connector = objects.FindConnector(name.catalog);
    if (!connector || !CatalogObjects::HasSchema(*connector, name.schema)) {
      sql::ThrowAt(errors::SCHEMA_NOT_FOUND, location, "Schema '" + name.ToString() + "' does not exist");
    }
    return ShowText("Create Schema",
                    "CREATE SCHEMA " + Identifier(name.catalog) + "." + Identifier(name.schema));
  }
  if (show.kind == Kind::kFunction) return ShowCreateFunction(objects, show, location);
  const ObjectName name = objects.ObjectOf(show.name);
  const auto view = objects.FindView(name);
  const auto table = view ? nullptr : objects.FindTable(name);
  const auto refuse = [&](const std::string& is, const std::string& wanted) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location,
                 "Relation '" + name.ToString() + "' is a " + is + ", not a " + wanted);
  };
  switch (show.kind) {
    case Kind::kTable:
      if (view) refuse("view", "table");
      if (!table) {
        sql::ThrowAt(errors::TABLE_NOT_FOUND, location, "Table '" + name.ToString() + "' does not exist");
      }
      return ShowText("Create Table", TableText(name, *table));
    case Kind::kView:
      if (table) refuse("table", "view");
      if (!view) {
        sql::ThrowAt(errors::TABLE_NOT_FOUND, location, "View '" + name.ToString() + "' does not exist");
      }
      return ShowText("Create View", ViewText(name, *view));
    default:
      if (view) refuse("view", "materialized view");
      if (table) refuse("table", "materialized view");
      sql::ThrowAt(errors::TABLE_NOT_FOUND, location,
                   "Materialized view '" + name.ToString() + "' does not exist");
  }
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::ShowColumns& show,
                        ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(show.table);
  const auto connector = objects.ConnectorOf(name.catalog, location);
  if (!objects.FindView(name) && !objects.FindTable(name)) {
    if (!CatalogObjects::HasSchema(*connector, name.reference.schema)) {
      sql::ThrowAt(errors::SCHEMA_NOT_FOUND, location,
                   "Schema '" + name.reference.schema + "' does not exist");
    }
    objects.GetTable(name, location);
  }
  return "SELECT column_name AS \"Column\", data_type AS \"Type\", coalesce(extra_info, '') AS \"Extra\", "
         "coalesce(comment, '') AS \"Comment\" FROM " +
         sql::QuoteName(AttachedName(name.catalog)) +
         ".information_schema.columns WHERE table_schema = " + sql::QuoteString(name.reference.schema) +
         " AND table_name = " + sql::QuoteString(name.reference.name) +
         sql::AndLike("column_name", show.like) + " ORDER BY ordinal_position";
}

}  // namespace planaria::coordinator
