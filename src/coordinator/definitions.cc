#include "coordinator/definitions.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "connector/connector_registry.h"
#include "connector/table_writes.h"
#include "kernel/duckdb_errors.h"
#include "kernel/trino_type_name.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/lowering/lowering.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

struct SchemaName {
  std::string catalog;
  std::string schema;
  std::string ToString() const { return catalog + "." + schema; }
};

class Definer {
 public:
  Definer(kernel::Engine& engine, const planner::QuerySession& session)
      : engine_(engine), session_(session) {}

  std::optional<std::string> Run(const sql::ast::CreateSchema& create, ErrorLocation location) {
    const SchemaName name = SchemaOf(create.name, create.name.parts.size());
    const auto connector = ConnectorOf(name.catalog, create.name.location);
    if (create.owner) sql::ThrowAt(errors::NOT_SUPPORTED, location, "AUTHORIZATION is not supported");
    if (HasSchema(*connector, name.schema)) {
      if (create.if_not_exists) return std::nullopt;
      sql::ThrowAt(errors::SCHEMA_ALREADY_EXISTS, location,
                   "Schema '" + name.ToString() + "' already exists");
    }
    if (!create.properties.empty()) {
      sql::ThrowAt(errors::INVALID_SCHEMA_PROPERTY, location,
                   "Catalog '" + name.catalog + "' schema property '" +
                       sql::NameOf(create.properties[0].name) + "' does not exist");
    }
    connector->writes().CreateSchema(name.schema);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::ast::DropObject& drop, ErrorLocation location) {
    if (drop.kind == sql::ast::ObjectKind::kTable) {
      if (const auto found = Find(drop.name, drop.if_exists)) {
        found->connector->writes().DropTable(found->schema, found->name);
      }
      return std::nullopt;
    }
    const SchemaName name = SchemaOf(drop.name, drop.name.parts.size());
    const auto connector = ConnectorOf(name.catalog, drop.name.location);
    if (!HasSchema(*connector, name.schema)) {
      if (drop.if_exists) return std::nullopt;
      sql::ThrowAt(errors::SCHEMA_NOT_FOUND, location, "Schema '" + name.ToString() + "' does not exist");
    }
    if (!drop.cascade && !connector->ListTables(name.schema).empty()) {
      sql::ThrowAt(errors::SCHEMA_NOT_EMPTY, location, "Cannot drop non-empty schema '" + name.schema + "'");
    }
    connector->writes().DropSchema(name.schema, drop.cascade);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::ast::CreateTable& create, ErrorLocation location) {
    const auto creation = Creation(create, location);
    if (!creation) return std::nullopt;
    connector::NewTable table = creation->table;
    table.columns = ColumnsOf(create.elements, location);
    ConnectorOf(creation->catalog, create.name.location)->writes().CreateTable(table);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::ast::TruncateTable& truncate, ErrorLocation) {
    const auto found = Find(truncate.name, false);
    found->connector->writes().TruncateTable(found->schema, found->name);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::ast::ShowCreate& show, ErrorLocation) {
    std::string text, column;
    if (show.kind == sql::ast::ShowCreate::Kind::kSchema) {
      const SchemaName name = SchemaOf(show.name, show.name.parts.size());
      if (!HasSchema(*ConnectorOf(name.catalog, show.name.location), name.schema)) {
        sql::ThrowAt(errors::SCHEMA_NOT_FOUND, show.name.location,
                     "Schema '" + name.ToString() + "' does not exist");
      }
      column = "Create Schema";
      text = "CREATE SCHEMA " + Identifier(name.catalog) + "." + Identifier(name.schema);
    } else {
      column = "Create Table";
      text = TableText(*Find(show.name, false));
    }
    return "SELECT " + sql::QuoteString(text) + " AS " + sql::QuoteName(column);
  }

  template <typename Other>
  std::optional<std::string> Run(const Other&, ErrorLocation location) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location, "This statement is not supported");
  }

  /// `create` is a CREATE TABLE, with columns or AS a query.
  template <typename Create>
  std::optional<planner::TableCreation> Creation(const Create& create, ErrorLocation location) {
    const SchemaName name = SchemaOf(create.name, create.name.parts.size() - 1);
    const auto connector = ConnectorOf(name.catalog, create.name.location);
    planner::TableCreation creation;
    creation.catalog = Attached(name.catalog);
    creation.table.schema = name.schema;
    creation.table.name = sql::NameOf(create.name.parts.back());
    creation.table.comment = create.comment;
    for (const sql::ast::Property& property : create.properties) {
      creation.table.properties.emplace(sql::NameOf(property.name),
                                        property.value ? sql::Format(*property.value) : "DEFAULT");
    }
    creation.table.replace = create.or_replace;
    if (create.or_replace && create.if_not_exists) {
      sql::ThrowAt(errors::SYNTAX_ERROR, location,
                   "'CREATE OR REPLACE' and 'IF NOT EXISTS' clauses can not be used together");
    }
    if (!create.or_replace && TableOf(*connector, name.schema, creation.table.name)) {
      if (create.if_not_exists) return std::nullopt;
      sql::ThrowAt(errors::TABLE_ALREADY_EXISTS, location,
                   "Table '" + name.ToString() + "." + creation.table.name + "' already exists");
    }
    return creation;
  }

 private:
  struct FoundTable {
    std::shared_ptr<const connector::Connector> connector;
    std::shared_ptr<const connector::Table> table;
    std::string catalog, schema, name;
  };

  static std::string Attached(const std::string& catalog) {
    return catalog == "system" ? planner::kSystemCatalog : catalog;
  }

  /// The first `parts` parts of a name, the session's filled in.
  SchemaName SchemaOf(const sql::ast::QualifiedName& name, size_t parts) const {
    SchemaName result{session_.catalog, session_.schema};
    if (parts > 2) {
      sql::ThrowAt(errors::SYNTAX_ERROR, name.location, "Too many parts in name: " + sql::DottedName(name));
    }
    if (parts > 0) result.schema = sql::NameOf(name.parts[parts - 1]);
    if (parts > 1) result.catalog = sql::NameOf(name.parts[parts - 2]);
    if (result.catalog.empty()) {
      sql::ThrowAt(errors::MISSING_CATALOG_NAME, name.location,
                   "Catalog must be specified when session catalog is not set");
    }
    if (result.schema.empty()) {
      sql::ThrowAt(errors::MISSING_SCHEMA_NAME, name.location,
                   "Schema must be specified when session schema is not set");
    }
    return result;
  }

  std::shared_ptr<const connector::Connector> ConnectorOf(const std::string& catalog,
                                                          const ErrorLocation& location) const {
    const auto registry = connector::ConnectorRegistry::Of(engine_.instance());
    auto connector = registry ? registry->Find(Attached(catalog)) : nullptr;
    if (!connector) {
      sql::ThrowAt(errors::CATALOG_NOT_FOUND, location, "Catalog '" + catalog + "' not found");
    }
    return connector;
  }

  static bool HasSchema(const connector::Connector& connector, const std::string& schema) {
    const auto schemas = connector.ListSchemas();
    return std::find(schemas.begin(), schemas.end(), schema) != schemas.end() ||
           !connector.ListTables(schema).empty();
  }

  std::shared_ptr<const connector::Table> TableOf(const connector::Connector& connector,
                                                  const std::string& schema, const std::string& table) const {
    std::shared_ptr<const connector::Table> found;
    const auto connection = engine_.Connect();
    kernel::OutsideKernel([&] {
      connection->context->RunFunctionInTransaction(
          [&] { found = connector.GetTable(*connection->context, schema, table); });
    });
    return found;
  }

  /// Nothing only when the table is missing and `may_be_missing`.
  std::optional<FoundTable> Find(const sql::ast::QualifiedName& name, bool may_be_missing) const {
    const SchemaName schema = SchemaOf(name, name.parts.size() - 1);
    FoundTable found{ConnectorOf(schema.catalog, name.location), nullptr, schema.catalog, schema.schema,
                     sql::NameOf(name.parts.back())};
    found.table = TableOf(*found.connector, found.schema, found.name);
    if (found.table) return found;
    if (may_be_missing) return std::nullopt;
    if (!HasSchema(*found.connector, found.schema)) {
      sql::ThrowAt(errors::SCHEMA_NOT_FOUND, name.location, "Schema '" + found.schema + "' does not exist");
    }
    sql::ThrowAt(errors::TABLE_NOT_FOUND, name.location,
                 "Table '" + schema.ToString() + "." + found.name + "' does not exist");
  }

  /// The kernel reads the types: they are those of casts.
  std::vector<connector::Column> ColumnsOf(const std::vector<sql::ast::TableElement>& elements,
                                           ErrorLocation location) const {
    std::string query = "SELECT ";
    std::vector<connector::Column> columns;
    std::set<std::string> names;
    for (const sql::ast::TableElement& element : elements) {
      const auto* definition = std::get_if<sql::ast::ColumnDefinition>(&element);
      if (definition == nullptr) {
        sql::ThrowAt(errors::NOT_SUPPORTED, location, "LIKE in CREATE TABLE is not supported");
      }
      const std::string name = sql::DottedName(definition->name);
      if (!names.insert(name).second) {
        sql::ThrowAt(errors::DUPLICATE_COLUMN_NAME, definition->location,
                     "Column name '" + name + "' specified more than once");
      }
      if (!columns.empty()) query += ", ";
      query += "CAST(NULL AS " + sql::LowerType(*definition->type) + ")";
      columns.push_back({name, {}, definition->nullable});
    }
    const auto plan = planner::PlanQuery(engine_, session_, query, planner::PlannerOptions());
    for (size_t i = 0; i < columns.size(); i++) columns[i].type = plan.column_types[i];
    return columns;
  }

  static std::string Identifier(const std::string& name) {
    const bool plain = !name.empty() &&
                       name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
                       (name[0] < '0' || name[0] > '9');
    if (plain) return name;
    std::string quoted = "\"";
    for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
  }

  static std::string TableText(const FoundTable& found) {
    std::string text = "CREATE TABLE " + Identifier(found.catalog) + "." + Identifier(found.schema) + "." +
                       Identifier(found.name) + " (\n";
    const auto& columns = found.table->columns();
    for (size_t i = 0; i < columns.size(); i++) {
      text += "   " + Identifier(columns[i].name) + " " + kernel::TrinoTypeName(columns[i].type);
      if (!columns[i].nullable) text += " NOT NULL";
      text += i + 1 < columns.size() ? ",\n" : "\n";
    }
    text += ")";
    if (const auto comment = found.table->comment()) text += "\nCOMMENT " + sql::QuoteString(*comment);
    std::string properties;
    for (const auto& [name, value] : found.table->properties()) {
      properties += (properties.empty() ? "   " : ",\n   ") + name + " = " + value;
    }
    if (!properties.empty()) text += "\nWITH (\n" + properties + "\n)";
    return text;
  }

  kernel::Engine& engine_;
  const planner::QuerySession& session_;
};

}  // namespace

std::optional<std::string> RunDefinition(kernel::Engine& engine, const planner::QuerySession& session,
                                         const sql::ast::Statement& definition) {
  Definer definer(engine, session);
  return std::visit([&](const auto& node) { return definer.Run(node, definition.location); },
                    definition.node);
}

std::optional<planner::TableCreation> CreationOf(kernel::Engine& engine, const planner::QuerySession& session,
                                                 const sql::ast::Statement& statement) {
  const auto& create = std::get<sql::ast::CreateTableAs>(statement.node);
  auto creation = Definer(engine, session).Creation(create, statement.location);
  if (creation) {
    for (const sql::ast::Identifier& alias : create.columns) creation->aliases.push_back(sql::NameOf(alias));
    creation->with_data = create.with_data;
  }
  return creation;
}

}  // namespace planaria::coordinator
