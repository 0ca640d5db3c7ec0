// The tables of the catalog `system`, by schema; Trino's names, columns and types.
#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connector/row_table.h"

namespace planaria::coordinator::system_tables {

using Tables = std::map<std::string, std::shared_ptr<const connector::Table>>;
using ColumnList = std::initializer_list<std::pair<const char*, duckdb::LogicalType>>;

/// Catalogs, their properties, comments and materialized views. `connectors`: of each catalog the name of
/// its connector. `database` must outlive the tables.
Tables MetadataTables(duckdb::DatabaseInstance& database,
                      const std::map<std::string, std::string>& connectors);

/// What JDBC's DatabaseMetaData asks for.
Tables JdbcTables(duckdb::DatabaseInstance& database);

/// Moments have milliseconds.
connector::Column SystemColumn(const std::string& name, const duckdb::LogicalType& type);
std::vector<connector::Column> Columns(ColumnList columns);
std::shared_ptr<const connector::Table> NoRows(ColumnList columns);

duckdb::Value Text(const std::string& text);
duckdb::Value OptionalText(const std::optional<std::string>& text);
duckdb::Value Time(std::chrono::system_clock::time_point time);
duckdb::Value OptionalTime(const std::optional<std::chrono::system_clock::time_point>& time);

}  // namespace planaria::coordinator::system_tables
