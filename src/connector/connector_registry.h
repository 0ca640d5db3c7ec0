// Which connector answers to which catalog name, per DuckDB instance.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "connector/connector.h"
#include "duckdb/common/case_insensitive_map.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/storage/storage_extension.hpp"

namespace planaria::connector {

/// Turns the query of a view into the kernel's, all names in full. Throws TrinoException when it cannot.
using ViewReader = std::function<duckdb::unique_ptr<duckdb::SelectStatement>(duckdb::ClientContext& context,
                                                                             const View& view)>;

/// Thread-safe. One lives in every DatabaseInstance that AttachCatalog was called for.
class ConnectorRegistry : public duckdb::StorageExtensionInfo {
 public:
  /// DuckDB's name for the storage of our catalogs.
  static constexpr const char* kStorageName = "planaria";

  /// nullptr when nothing is attached to `db`.
  static duckdb::shared_ptr<ConnectorRegistry> Of(duckdb::DatabaseInstance& db);

  /// Adds a catalog; replaces one of the same name.
  void Put(const std::string& catalog, std::shared_ptr<const Connector> connector);

  /// nullptr when there is no such catalog.
  std::shared_ptr<const Connector> Find(const std::string& catalog) const;

  /// Names of all catalogs, sorted.
  std::vector<std::string> Catalogs() const;

  /// Before the first statement. Without a reader views are not found: workers have none.
  void ReadViewsWith(ViewReader reader) { view_reader_ = std::move(reader); }
  const ViewReader& view_reader() const { return view_reader_; }

 private:
  mutable std::mutex mutex_;
  duckdb::case_insensitive_map_t<std::shared_ptr<const Connector>> connectors_;
  ViewReader view_reader_;
};

/// The connector of an attached catalog. Throws TrinoException(CATALOG_NOT_FOUND).
std::shared_ptr<const Connector> ConnectorOf(duckdb::DatabaseInstance& db, const std::string& catalog);

}  // namespace planaria::connector
