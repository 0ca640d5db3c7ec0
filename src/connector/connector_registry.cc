#include "connector/connector_registry.h"

#include <algorithm>

#include "base/error.h"
#include "duckdb/main/config.hpp"

namespace planaria::connector {

duckdb::shared_ptr<ConnectorRegistry> ConnectorRegistry::Of(duckdb::DatabaseInstance& db) {
  const auto storage = duckdb::StorageExtension::Find(duckdb::DBConfig::GetConfig(db), kStorageName);
  if (!storage) return nullptr;
  return duckdb::shared_ptr_cast<duckdb::StorageExtensionInfo, ConnectorRegistry>(storage->storage_info);
}

void ConnectorRegistry::Put(const std::string& catalog, std::shared_ptr<const Connector> connector) {
  const std::lock_guard lock(mutex_);
  connectors_[catalog] = std::move(connector);
}

std::shared_ptr<const Connector> ConnectorRegistry::Find(const std::string& catalog) const {
  const std::lock_guard lock(mutex_);
  const auto entry = connectors_.find(catalog);
  return entry == connectors_.end() ? nullptr : entry->second;
}

std::vector<std::string> ConnectorRegistry::Catalogs() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, connector] : connectors_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::shared_ptr<const Connector> ConnectorOf(duckdb::DatabaseInstance& db, const std::string& catalog) {
  const auto registry = ConnectorRegistry::Of(db);
  auto connector = registry ? registry->Find(catalog) : nullptr;
  if (!connector) throw TrinoException(errors::CATALOG_NOT_FOUND, "Catalog '" + catalog + "' not found");
  return connector;
}

}  // namespace planaria::connector
