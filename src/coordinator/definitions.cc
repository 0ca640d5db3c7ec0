#include "coordinator/definitions.h"

#include <set>

#include "base/error.h"
#include "coordinator/definition_steps.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

/// Trino's words for a view where a table is meant.
std::string ViewInstead(const ObjectName& name, const std::string& instead) {
  return "Table '" + name.ToString() + "' does not exist, but a view with that name exists. Did you mean " +
         instead + "?";
}

void DropTable(const CatalogObjects& objects, const sql::ast::DropObject& drop, ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(drop.name);
  if (objects.FindView(name)) {
    sql::ThrowAt(errors::GENERIC_USER_ERROR, location, ViewInstead(name, "DROP VIEW " + name.ToString()));
  }
  if (drop.if_exists && !objects.FindTable(name)) return;
  objects.GetTable(name, location);
  objects.ConnectorOf(name.catalog, location)->writes().DropTable(name.reference.schema, name.reference.name);
}

void DropSchema(const CatalogObjects& objects, const sql::ast::DropObject& drop, ErrorLocation location) {
  const SchemaName name = objects.SchemaOf(drop.name, drop.name.parts.size());
  const auto connector = objects.FindConnector(name.catalog);
  if (!connector || !CatalogObjects::HasSchema(*connector, name.schema)) {
    if (drop.if_exists) return;
    sql::ThrowAt(errors::SCHEMA_NOT_FOUND, location, "Schema '" + name.ToString() + "' does not exist");
  }
  const bool empty = connector->ListTables(name.schema).empty() && connector->ListViews(name.schema).empty();
  if (!drop.cascade && !empty) {
    sql::ThrowAt(errors::SCHEMA_NOT_EMPTY, location, "Cannot drop non-empty schema '" + name.schema + "'");
  }
  connector->writes().DropSchema(name.schema, drop.cascade);
}

/// The columns of a new table, those of the tables that it is LIKE among them.
void AddElements(const CatalogObjects& objects, const std::vector<sql::ast::TableElement>& elements,
                 const std::string& catalog, ErrorLocation location, connector::NewTable& table) {
  std::set<std::string> names;
  const auto add = [&](connector::Column column, ErrorLocation at) {
    if (!names.insert(column.name).second) {
      sql::ThrowAt(errors::DUPLICATE_COLUMN_NAME, at,
                   "Column name '" + column.name + "' specified more than once");
    }
    table.columns.push_back(std::move(column));
  };
  bool included = false;
  for (const sql::ast::TableElement& element : elements) {
    if (const auto* definition = std::get_if<sql::ast::ColumnDefinition>(&element)) {
      add(NewColumn(objects, *definition, catalog), definition->location);
      continue;
    }
    const auto& like = std::get<sql::ast::LikeClause>(element);
    const ObjectName name = objects.ObjectOf(like.table);
    objects.ConnectorOf(name.catalog, location);
    const auto found = objects.FindTable(name);
    if (!found) {
      sql::ThrowAt(errors::TABLE_NOT_FOUND, location, "LIKE table '" + name.ToString() + "' does not exist");
    }
    if (like.properties == sql::ast::LikeClause::Properties::kIncluding) {
      if (included) {
        sql::ThrowAt(errors::NOT_SUPPORTED, location,
                     "Only one LIKE clause can specify INCLUDING PROPERTIES");
      }
      included = true;
      // What the statement says itself goes before.
      for (const auto& [property, value] : found->properties()) table.properties.emplace(property, value);
    }
    for (connector::Column column : found->columns()) {
      if (column.hidden) continue;
      column.statistics = {};
      add(std::move(column), like.table.location);
    }
  }
}

/// The table that a CREATE TABLE, with columns or AS a query, makes; nothing when it is there already and
/// may be.
template <typename Create>
std::optional<planner::TableCreation> Creation(const CatalogObjects& objects, const Create& create,
                                               const std::string& what_exists, ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(create.name);
  const auto connector = objects.ConnectorOf(name.catalog, location);
  planner::TableCreation creation;
  creation.catalog = AttachedName(name.catalog);
  creation.table.schema = name.reference.schema;
  creation.table.name = name.reference.name;
  creation.table.comment = create.comment;
  creation.table.replace = create.or_replace;
  if (create.or_replace && create.if_not_exists) {
    sql::ThrowAt(errors::SYNTAX_ERROR, location,
                 "'CREATE OR REPLACE' and 'IF NOT EXISTS' clauses can not be used together");
  }
  if (!create.or_replace && (objects.FindTable(name) || objects.FindView(name))) {
    if (create.if_not_exists) return std::nullopt;
    sql::ThrowAt(errors::TABLE_ALREADY_EXISTS, location,
                 what_exists + " '" + name.ToString() + "' already exists");
  }
  CheckTableProperties(create.properties, *connector, name.catalog);
  for (const sql::ast::Property& property : create.properties) {
    creation.table.properties.emplace(sql::NameOf(property.name),
                                      property.value ? sql::Format(*property.value) : "DEFAULT");
  }
  return creation;
}

template <typename Other>
DefinitionAnswer Define(const CatalogObjects&, const Other&, ErrorLocation location) {
  sql::ThrowAt(errors::NOT_SUPPORTED, location, "This statement is not supported");
}

}  // namespace

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::CreateSchema& create,
                        ErrorLocation location) {
  const SchemaName name = objects.SchemaOf(create.name, create.name.parts.size());
  const auto connector = objects.ConnectorOf(name.catalog, location);
  if (CatalogObjects::HasSchema(*connector, name.schema)) {
    if (create.if_not_exists) return std::nullopt;
    sql::ThrowAt(errors::SCHEMA_ALREADY_EXISTS, location, "Schema '" + name.ToString() + "' already exists");
  }
  if (!create.properties.empty()) {
    const sql::ast::Property& property = create.properties[0];
    sql::ThrowAt(
        errors::INVALID_SCHEMA_PROPERTY, property.name.location,
        "Catalog '" + name.catalog + "' schema property '" + sql::NameOf(property.name) + "' does not exist");
  }
  // Nobody owns anything here: AUTHORIZATION says who would.
  connector->writes().CreateSchema(name.schema);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::DropObject& drop,
                        ErrorLocation location) {
  switch (drop.kind) {
    case sql::ast::ObjectKind::kSchema:
      DropSchema(objects, drop, location);
      return std::nullopt;
    case sql::ast::ObjectKind::kTable:
      DropTable(objects, drop, location);
      return std::nullopt;
    case sql::ast::ObjectKind::kView:
      return DropView(objects, drop, location);
    case sql::ast::ObjectKind::kMaterializedView:
      return DropMaterializedView(objects, drop, location);
    case sql::ast::ObjectKind::kCatalog:
      break;
  }
  throw TrinoException(errors::NOT_SUPPORTED, "DROP CATALOG is not supported by the static catalog store");
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::CreateTable& create,
                        ErrorLocation location) {
  auto creation = Creation(objects, create, "Table", location);
  if (!creation) return std::nullopt;
  const std::string catalog = objects.ObjectOf(create.name).catalog;
  AddElements(objects, create.elements, catalog, location, creation->table);
  objects.ConnectorOf(catalog, location)->writes().CreateTable(creation->table);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::TruncateTable& truncate,
                        ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(truncate.name);
  if (objects.FindView(name)) sql::ThrowAt(errors::NOT_SUPPORTED, location, "Cannot truncate a view");
  objects.GetTable(name, location);
  objects.ConnectorOf(name.catalog, location)
      ->writes()
      .TruncateTable(name.reference.schema, name.reference.name);
  return std::nullopt;
}

std::optional<std::string> RunDefinition(kernel::Engine& engine, const planner::QuerySession& session,
                                         const sql::ast::Statement& definition) {
  const CatalogObjects objects(engine, session);
  if (std::holds_alternative<sql::ast::CreateView>(definition.node)) return DefineView(objects, definition);
  if (std::holds_alternative<sql::ast::CreateFunction>(definition.node)) {
    return DefineFunction(objects, definition);
  }
  return std::visit([&](const auto& node) { return Define(objects, node, definition.location); },
                    definition.node);
}

std::optional<planner::TableCreation> CreationOf(kernel::Engine& engine, const planner::QuerySession& session,
                                                 const sql::ast::Statement& statement) {
  const auto& create = std::get<sql::ast::CreateTableAs>(statement.node);
  auto creation = Creation(CatalogObjects(engine, session), create, "Destination table", statement.location);
  if (creation) {
    for (const sql::ast::Identifier& alias : create.columns) creation->aliases.push_back(sql::NameOf(alias));
    creation->with_data = create.with_data;
  }
  return creation;
}

}  // namespace planaria::coordinator
