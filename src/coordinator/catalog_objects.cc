#include "coordinator/catalog_objects.h"

#include <algorithm>

#include "base/error.h"
#include "connector/connector_registry.h"
#include "kernel/duckdb_errors.h"
#include "sql/error_at.h"
#include "sql/names.h"

namespace planaria::coordinator {

std::string AttachedName(const std::string& catalog) {
  return catalog == "system" ? planner::kSystemCatalog : catalog;
}

SchemaName CatalogObjects::SchemaOf(const sql::ast::QualifiedName& name, size_t parts) const {
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

ObjectName CatalogObjects::ObjectOf(const sql::ast::QualifiedName& name) const {
  SchemaName schema = SchemaOf(name, name.parts.size() - 1);
  return {std::move(schema.catalog), {std::move(schema.schema), sql::NameOf(name.parts.back())}};
}

ObjectName CatalogObjects::TargetOf(const ObjectName& source, const sql::ast::QualifiedName& name) const {
  if (name.parts.size() > 2) return ObjectOf(name);
  ObjectName target{source.catalog, {source.reference.schema, sql::NameOf(name.parts.back())}};
  if (name.parts.size() == 2) target.reference.schema = sql::NameOf(name.parts[0]);
  return target;
}

std::shared_ptr<const connector::Connector> CatalogObjects::FindConnector(const std::string& catalog) const {
  const auto registry = connector::ConnectorRegistry::Of(engine_.instance());
  return registry ? registry->Find(AttachedName(catalog)) : nullptr;
}

std::shared_ptr<const connector::Connector> CatalogObjects::ConnectorOf(const std::string& catalog,
                                                                        const ErrorLocation& location) const {
  auto connector = FindConnector(catalog);
  if (!connector) {
    sql::ThrowAt(errors::CATALOG_NOT_FOUND, location, "Catalog '" + catalog + "' not found");
  }
  return connector;
}

bool CatalogObjects::HasSchema(const connector::Connector& connector, const std::string& schema) {
  const auto schemas = connector.ListSchemas();
  return std::find(schemas.begin(), schemas.end(), schema) != schemas.end() ||
         !connector.ListTables(schema).empty();
}

std::shared_ptr<const connector::Table> CatalogObjects::FindTable(const ObjectName& name) const {
  const auto connector = FindConnector(name.catalog);
  if (!connector) return nullptr;
  std::shared_ptr<const connector::Table> found;
  const auto connection = engine_.Connect();
  kernel::OutsideKernel([&] {
    connection->context->RunFunctionInTransaction([&] {
      found = connector->GetTable(*connection->context, name.reference.schema, name.reference.name);
    });
  });
  return found;
}

std::optional<connector::View> CatalogObjects::FindView(const ObjectName& name) const {
  const auto connector = FindConnector(name.catalog);
  return connector ? connector->GetView(name.reference.schema, name.reference.name) : std::nullopt;
}

std::shared_ptr<const connector::Table> CatalogObjects::GetTable(const ObjectName& name,
                                                                 ErrorLocation location) const {
  auto found = FindTable(name);
  if (!found) {
    sql::ThrowAt(errors::TABLE_NOT_FOUND, location, "Table '" + name.ToString() + "' does not exist");
  }
  return found;
}

}  // namespace planaria::coordinator
