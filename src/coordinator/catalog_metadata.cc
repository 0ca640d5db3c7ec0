#include "coordinator/catalog_metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "connector/column_type.h"
#include "connector/connector_registry.h"
#include "connector/sql_functions.h"
#include "coordinator/views.h"
#include "kernel/duckdb_errors.h"
#include "planner/query_planner.h"
#include "sql/parse.h"

namespace planaria::coordinator {

namespace {

std::shared_ptr<const connector::Connector> Find(kernel::Engine& engine, const std::string& catalog) {
  const auto registry = connector::ConnectorRegistry::Of(engine.instance());
  return registry ? registry->Find(catalog == "system" ? planner::kSystemCatalog : catalog) : nullptr;
}

/// Files and system tables keep some times in the kernel's own types.
std::string ConversionOf(const connector::Column& column) {
  switch (column.type.id()) {
    case duckdb::LogicalTypeId::TIMESTAMP_TZ:
      return "trino_zoned_of_instant($1)";
    case duckdb::LogicalTypeId::TIMESTAMP_NS:
      return "trino_fine_of_nanos(epoch_ns($1))";
    default:
      return "";
  }
}

std::vector<sql::TableColumn> Columns(const std::vector<connector::Column>& columns) {
  std::vector<sql::TableColumn> result;
  for (const connector::Column& column : columns) {
    result.push_back({column.name, connector::TrinoTypeOf(column), column.hidden, ConversionOf(column)});
  }
  return result;
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
  const std::string name = fmt::format("{}.{}.{}", catalog, schema, table);
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  return known_[name] = Ask(*connector, name, schema, table);
}

std::vector<std::shared_ptr<const sql::ast::FunctionSpecification>> CatalogMetadata::FindFunctions(
    const std::string& catalog, const std::string& schema, const std::string& name) const {
  std::vector<std::shared_ptr<const sql::ast::FunctionSpecification>> found;
  const auto connector = Find(engine_, catalog);
  const connector::SqlFunctionStore* functions = connector::SqlFunctionsOf(connector.get());
  if (functions == nullptr) return found;
  for (const connector::SqlFunction& function : functions->List(schema)) {
    if (function.name != name) continue;
    const std::shared_ptr<const sql::ast::Statement> statement = sql::Parse(function.definition);
    found.emplace_back(statement, &std::get<sql::ast::CreateFunction>(statement->node).function);
  }
  return found;
}

CatalogMetadata::Found CatalogMetadata::Ask(const connector::Connector& connector, const std::string& name,
                                            const std::string& schema, const std::string& table) const {
  const auto view = connector.GetView(schema, table);
  if (name == replaced_view_) {
    throw TrinoException(errors::VIEW_IS_RECURSIVE, "Statement would create a recursive view");
  }
  if (view) {
    if (!reading_.insert(name).second) throw TrinoException(errors::VIEW_IS_RECURSIVE, "View is recursive");
    CheckView(name, *view, *this);
    reading_.erase(name);
    return Columns(view->columns);
  }
  std::shared_ptr<const connector::Table> found;
  const auto connection = engine_.Connect();
  kernel::OutsideKernel([&] {
    connection->context->RunFunctionInTransaction(
        [&] { found = connector.GetTable(*connection->context, schema, table); });
  });
  if (!found) return std::nullopt;
  return Columns(found->columns());
}

}  // namespace planaria::coordinator
