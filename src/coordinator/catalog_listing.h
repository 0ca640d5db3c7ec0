// Everything that the catalogs hold, one after the other: what system tables are made of.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"

namespace planaria::coordinator::system_tables {

/// A table or a view.
struct ListedObject {
  std::string catalog;
  std::string schema;
  std::string name;
  bool is_view = false;
  /// Nothing, and no columns, for a table that cannot be read: listing goes on.
  std::optional<std::string> comment;
  std::vector<connector::Column> columns;
};

/// By name, `system` among them.
void ForEachCatalog(duckdb::DatabaseInstance& database,
                    const std::function<void(const std::string&, const connector::Connector&)>& visit);

/// By catalog and schema; tables before views.
void ForEachObject(duckdb::DatabaseInstance& database, duckdb::ClientContext& context,
                   const std::function<void(const ListedObject&)>& visit);

}  // namespace planaria::coordinator::system_tables
