#include "coordinator/definitions.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "connector/connector_registry.h"
#include "connector/table_writes.h"
#include "kernel/duckdb_errors.h"
#include "kernel/trino_type_name.h"
#include "sql/dialect.h"
#include "sql/lexer.h"

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

  std::optional<std::string> Run(const sql::CreateSchema& create) {
    const SchemaName name = SchemaOf(create.name, create.name.parts.size());
    const auto connector = ConnectorOf(name.catalog, create.name.location);
    if (HasSchema(*connector, name.schema)) {
      if (create.if_not_exists) return std::nullopt;
      sql::ThrowAt(errors::SCHEMA_ALREADY_EXISTS, {1, 1}, "Schema '" + name.ToString() + "' already exists");
    }
    if (!create.properties.empty()) {
      sql::ThrowAt(errors::INVALID_SCHEMA_PROPERTY, {1, 1},
                   "Catalog '" + name.catalog + "' schema property '" + create.properties[0].first +
                       "' does not exist");
    }
    connector->writes().CreateSchema(name.schema);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::DropSchema& drop) {
    const SchemaName name = SchemaOf(drop.name, drop.name.parts.size());
    const auto connector = ConnectorOf(name.catalog, drop.name.location);
    if (!HasSchema(*connector, name.schema)) {
      if (drop.if_exists) return std::nullopt;
      sql::ThrowAt(errors::SCHEMA_NOT_FOUND, {1, 1}, "Schema '" + name.ToString() + "' does not exist");
    }
    if (!drop.cascade && !connector->ListTables(name.schema).empty()) {
      sql::ThrowAt(errors::SCHEMA_NOT_EMPTY, {1, 1}, "Cannot drop non-empty schema '" + name.schema + "'");
    }
    connector->writes().DropSchema(name.schema, drop.cascade);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::CreateTable& create) {
    const auto creation = Creation(create.table);
    if (!creation) return std::nullopt;
    connector::NewTable table = creation->table;
    table.columns = ColumnsOf(create.columns);
    ConnectorOf(creation->catalog, create.table.name.location)->writes().CreateTable(table);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::DropTable& drop) {
    if (const auto found = Find(drop.name, drop.if_exists)) {
      found->connector->writes().DropTable(found->schema, found->name);
    }
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::TruncateTable& truncate) {
    const auto found = Find(truncate.name, false);
    found->connector->writes().TruncateTable(found->schema, found->name);
    return std::nullopt;
  }

  std::optional<std::string> Run(const sql::ShowCreate& show) {
    std::string text, column;
    if (show.kind == sql::ShowCreateKind::kSchema) {
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
    return "SELECT " + sql::QuoteString(text) + " AS \"" + column + "\"";
  }

  std::optional<planner::TableCreation> Creation(const sql::NewTableClauses& clauses) {
    const SchemaName name = SchemaOf(clauses.name, clauses.name.parts.size() - 1);
    const auto connector = ConnectorOf(name.catalog, clauses.name.location);
    planner::TableCreation creation;
    creation.catalog = Attached(name.catalog);
    creation.table.schema = name.schema;
    creation.table.name = clauses.name.parts.back();
    creation.table.comment = clauses.comment;
    creation.table.properties = {clauses.properties.begin(), clauses.properties.end()};
    creation.table.replace = clauses.replace;
    if (clauses.replace && clauses.if_not_exists) {
      sql::ThrowAt(errors::SYNTAX_ERROR, clauses.location,
                   "'CREATE OR REPLACE' and 'IF NOT EXISTS' clauses can not be used together");
    }
    if (!clauses.replace && TableOf(*connector, name.schema, creation.table.name)) {
      if (clauses.if_not_exists) return std::nullopt;
      sql::ThrowAt(errors::TABLE_ALREADY_EXISTS, clauses.location,
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
  SchemaName SchemaOf(const sql::QualifiedName& name, size_t parts) const {
    SchemaName result{session_.catalog, session_.schema};
    if (parts > 0) result.schema = name.parts[parts - 1];
    if (parts > 1) result.catalog = name.parts[parts - 2];
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
  std::optional<FoundTable> Find(const sql::QualifiedName& name, bool may_be_missing) const {
    const SchemaName schema = SchemaOf(name, name.parts.size() - 1);
    FoundTable found{ConnectorOf(schema.catalog, name.location), nullptr, schema.catalog, schema.schema,
                     name.parts.back()};
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
  std::vector<connector::Column> ColumnsOf(const std::vector<sql::ColumnDefinition>& definitions) const {
    std::string query = "SELECT ";
    std::set<std::string> names;
    for (const sql::ColumnDefinition& definition : definitions) {
      if (!names.insert(definition.name).second) {
        sql::ThrowAt(errors::DUPLICATE_COLUMN_NAME, {1, 1},
                     "Column name '" + definition.name + "' specified more than once");
      }
      if (names.size() > 1) query += ", ";
      query += "CAST(NULL AS " + definition.type + ")";
    }
    const auto plan =
        planner::PlanQuery(engine_, session_, sql::AdaptQuery({query, {}}).text(), planner::PlannerOptions());
    std::vector<connector::Column> columns;
    for (size_t i = 0; i < definitions.size(); i++) {
      columns.push_back({definitions[i].name, plan.column_types[i], definitions[i].nullable});
    }
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
                                         const Definition& definition) {
  Definer definer(engine, session);
  return std::visit([&](const auto& statement) { return definer.Run(statement); }, definition);
}

std::optional<planner::TableCreation> CreationOf(kernel::Engine& engine, const planner::QuerySession& session,
                                                 const sql::CreateTableAs& create) {
  auto creation = Definer(engine, session).Creation(create.table);
  if (creation) {
    creation->aliases = create.aliases;
    creation->with_data = create.with_data;
  }
  return creation;
}

}  // namespace planaria::coordinator
