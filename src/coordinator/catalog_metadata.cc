#include "coordinator/catalog_metadata.h"

#include <algorithm>

#include "connector/connector_registry.h"
#include "kernel/declared_type.h"
#include "kernel/duckdb_errors.h"
#include "planner/query_planner.h"

namespace planaria::coordinator {

namespace {

std::shared_ptr<const connector::Connector> Find(kernel::Engine& engine, const std::string& catalog) {
  const auto registry = connector::ConnectorRegistry::Of(engine.instance());
  return registry ? registry->Find(catalog == "system" ? planner::kSystemCatalog : catalog) : nullptr;
}

}  // namespace

bool CatalogMetadata::HasCatalog(const std::string& catalog) const {
  return Find(engine_, catalog) != nullptr;
}

bool CatalogMetadata::HasSchema(const std::string& catalog, const std::string& schema) const {
  const auto connector = Find(engine_, catalog);
  if (!connector) return false;
  const auto schemas = connector->ListSchemas();
  return std::find(schemas.begin(), schemas.end(), schema) != schemas.end() ||
         !connector->ListTables(schema).empty();
}

std::optional<std::vector<sql::TableColumn>> CatalogMetadata::FindTable(const std::string& catalog,
                                                                        const std::string& schema,
                                                                        const std::string& table) const {
  const auto connector = Find(engine_, catalog);
  if (!connector) return std::nullopt;
  std::shared_ptr<const connector::Table> found;
  const auto connection = engine_.Connect();
  kernel::OutsideKernel([&] {
    connection->context->RunFunctionInTransaction(
        [&] { found = connector->GetTable(*connection->context, schema, table); });
  });
  if (!found) return std::nullopt;
  std::vector<sql::TableColumn> columns;
  for (const connector::Column& column : found->columns()) {
    columns.push_back({column.name, kernel::DeclaredTypeOf(column.type)});
  }
  return columns;
}

}  // namespace planaria::coordinator
