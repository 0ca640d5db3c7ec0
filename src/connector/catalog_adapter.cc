#include "connector/catalog_adapter.h"

#include "base/error.h"
#include "connector/catalog_entries.h"
#include "connector/connector_registry.h"
#include "connector/information_schema.h"
#include "connector/table_scan.h"
#include "connector/table_writer.h"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/parsed_data/attach_info.hpp"
#include "duckdb/storage/storage_extension.hpp"
#include "kernel/duckdb_errors.h"

namespace planaria::connector {
namespace {

duckdb::unique_ptr<duckdb::Catalog> Attach(duckdb::optional_ptr<duckdb::StorageExtensionInfo> registry,
                                           duckdb::ClientContext&, duckdb::AttachedDatabase& db,
                                           const duckdb::string& name, duckdb::AttachInfo&,
                                           duckdb::AttachOptions&) {
  auto connector = static_cast<ConnectorRegistry*>(registry.get())->Find(name);
  return duckdb::make_uniq<CatalogEntries>(db, std::move(connector));
}

duckdb::unique_ptr<duckdb::TransactionManager> MakeTransactions(
    duckdb::optional_ptr<duckdb::StorageExtensionInfo>, duckdb::AttachedDatabase& db, duckdb::Catalog&) {
  return duckdb::make_uniq<CatalogTransactions>(db);
}

/// The kernel keeps some names for itself: such a catalog is attached with a `$` in front.
std::string ShownName(const std::string& attached) {
  return attached.starts_with('$') ? attached.substr(1) : attached;
}

duckdb::shared_ptr<ConnectorRegistry> RegistryOf(duckdb::DatabaseInstance& db) {
  static std::mutex registration;
  const std::lock_guard lock(registration);
  if (auto registry = ConnectorRegistry::Of(db)) return registry;
  RegisterTableScan(db);
  RegisterTableWriter(duckdb::DBConfig::GetConfig(db));
  auto storage = duckdb::make_shared_ptr<duckdb::StorageExtension>();
  storage->attach = Attach;
  storage->create_transaction_manager = MakeTransactions;
  storage->storage_info = duckdb::make_shared_ptr<ConnectorRegistry>();
  duckdb::StorageExtension::Register(duckdb::DBConfig::GetConfig(db), ConnectorRegistry::kStorageName,
                                     storage);
  return ConnectorRegistry::Of(db);
}

}  // namespace

void AttachCatalog(duckdb::DatabaseInstance& db, const std::string& name,
                   std::shared_ptr<const Connector> connector) {
  kernel::OutsideKernel([&] {
    auto& databases = db.GetDatabaseManager();
    if (databases.GetDatabase(name) || duckdb::AttachedDatabase::NameIsReserved(name)) {
      throw TrinoException(errors::ALREADY_EXISTS, "Catalog '" + name + "' already exists");
    }
    RegistryOf(db)->Put(name, WithInformationSchema(ShownName(name), std::move(connector)));

    duckdb::Connection connection(db);
    connection.BeginTransaction();
    duckdb::AttachInfo info;
    info.name = name;
    duckdb::AttachOptions options(db.config.options);
    options.db_type = ConnectorRegistry::kStorageName;
    databases.AttachDatabase(*connection.context, info, options);
    connection.Commit();
  });
}

std::shared_ptr<const Table> FindTable(duckdb::ClientContext& context, const std::string& catalog,
                                       const std::string& schema, const std::string& table) {
  const duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, table);
  const auto entry =
      duckdb::Catalog::GetEntry(context, catalog, schema, lookup, duckdb::OnEntryNotFound::RETURN_NULL);
  const bool is_table = entry && entry->type == duckdb::CatalogType::TABLE_ENTRY;
  return is_table ? entry->Cast<TableEntry>().table() : nullptr;
}

void UseSchema(duckdb::ClientContext& context, const std::string& catalog, const std::string& schema) {
  duckdb::ClientData::Get(context).catalog_search_path->Set(duckdb::CatalogSearchEntry(catalog, schema),
                                                            duckdb::CatalogSetPathType::SET_DIRECTLY);
}

}  // namespace planaria::connector
