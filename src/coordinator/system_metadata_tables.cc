#include <algorithm>

#include "connector/connector_registry.h"
#include "connector/table_writes.h"
#include "coordinator/catalog_listing.h"
#include "coordinator/system_tables.h"

namespace planaria::coordinator::system_tables {

namespace {

using connector::Row;
using connector::RowTable;
using duckdb::LogicalType;
using duckdb::Value;

constexpr const auto& kText = LogicalType::VARCHAR;

ColumnList PropertyColumns() {
  static const ColumnList columns = {{"catalog_name", kText},
                                     {"property_name", kText},
                                     {"default_value", kText},
                                     {"type", kText},
                                     {"description", kText}};
  return columns;
}

std::shared_ptr<const connector::Table> CatalogsTable(std::map<std::string, std::string> connectors) {
  connectors["system"] = "system";
  return std::make_shared<RowTable>(
      Columns({{"catalog_name", kText}, {"connector_id", kText}, {"connector_name", kText}}),
      [connectors = std::move(connectors)](duckdb::ClientContext&) {
        std::vector<Row> rows;
        for (const auto& [catalog, connector] : connectors) {
          rows.push_back({Text(catalog), Text(catalog), Text(connector)});
        }
        return rows;
      });
}

std::shared_ptr<const connector::Table> TablePropertiesTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(Columns(PropertyColumns()), [&database](duckdb::ClientContext&) {
    std::vector<Row> rows;
    ForEachCatalog(database, [&](const std::string& catalog, const connector::Connector& connector) {
      for (const auto& property : connector.writes().table_properties()) {
        rows.push_back({Text(catalog), Text(property.name), Text(property.default_value), Text(property.type),
                        Text(property.description)});
      }
    });
    return rows;
  });
}

std::shared_ptr<const connector::Table> TableCommentsTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(
      Columns({{"catalog_name", kText}, {"schema_name", kText}, {"table_name", kText}, {"comment", kText}}),
      [&database](duckdb::ClientContext& context) {
        std::vector<Row> rows;
        ForEachObject(database, context, [&](const ListedObject& object) {
          rows.push_back(
              {Text(object.catalog), Text(object.schema), Text(object.name), OptionalText(object.comment)});
        });
        return rows;
      });
}

/// No connector has any.
std::shared_ptr<const connector::Table> MaterializedViewsTable() {
  std::vector<connector::Column> columns = Columns({{"catalog_name", kText},
                                                    {"schema_name", kText},
                                                    {"name", kText},
                                                    {"storage_catalog", kText},
                                                    {"storage_schema", kText},
                                                    {"storage_table", kText},
                                                    {"freshness", kText},
                                                    {"last_fresh_time", LogicalType::TIMESTAMP_TZ},
                                                    {"comment", kText},
                                                    {"definition", kText}});
  const auto refreshed = std::find_if(columns.begin(), columns.end(), [](const connector::Column& column) {
    return column.name == "last_fresh_time";
  });
  refreshed->declared->precision = 9;
  return std::make_shared<RowTable>(std::move(columns),
                                    [](duckdb::ClientContext&) { return std::vector<Row>(); });
}

}  // namespace

Tables MetadataTables(duckdb::DatabaseInstance& database,
                      const std::map<std::string, std::string>& connectors) {
  return {
      {"analyze_properties", NoRows(PropertyColumns())},
      {"catalogs", CatalogsTable(connectors)},
      {"column_properties", NoRows(PropertyColumns())},
      {"materialized_view_properties", NoRows(PropertyColumns())},
      {"materialized_views", MaterializedViewsTable()},
      {"schema_properties", NoRows(PropertyColumns())},
      {"table_comments", TableCommentsTable(database)},
      {"table_properties", TablePropertiesTable(database)},
  };
}

}  // namespace planaria::coordinator::system_tables
