// DuckDB's view of one attached catalog: catalog, schemas, tables and the transactions that cache them.
// Implementation of catalog_adapter.h; nothing else includes it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "connector/connector.h"
#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/common/reference_map.hpp"
#include "duckdb/transaction/transaction.hpp"
#include "duckdb/transaction/transaction_manager.hpp"

namespace planaria::connector {

class TableEntry : public duckdb::TableCatalogEntry, public std::enable_shared_from_this<TableEntry> {
 public:
  TableEntry(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema, duckdb::CreateTableInfo& info,
             std::shared_ptr<const Table> table)
      : TableCatalogEntry(catalog, schema, info), table_(std::move(table)) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(duckdb::ClientContext&,
                                                           duckdb::column_t column) override;
  duckdb::TableFunction GetScanFunction(duckdb::ClientContext&,
                                        duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override;
  duckdb::TableStorageInfo GetStorageInfo(duckdb::ClientContext&) override;
  duckdb::virtual_column_map_t GetVirtualColumns() const override;
  const std::shared_ptr<const Table>& table() const { return table_; }

 private:
  const std::shared_ptr<const Table> table_;
};

/// The binder reads the query of a view where the view is named.
class ViewEntry : public duckdb::ViewCatalogEntry {
 public:
  using ViewCatalogEntry::ViewCatalogEntry;
};

class SchemaEntry : public duckdb::SchemaCatalogEntry {
 public:
  SchemaEntry(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info,
              std::shared_ptr<const Connector> connector)
      : SchemaCatalogEntry(catalog, info), connector_(std::move(connector)) {}

  void Scan(duckdb::ClientContext& context, duckdb::CatalogType type,
            const std::function<void(duckdb::CatalogEntry&)>& callback) override;
  void Scan(duckdb::CatalogType type, const std::function<void(duckdb::CatalogEntry&)>& callback) override;
  duckdb::optional_ptr<duckdb::CatalogEntry> LookupEntry(duckdb::CatalogTransaction transaction,
                                                         const duckdb::EntryLookupInfo& lookup) override;

  /// Suggests nothing: DuckDB would open every table of every catalog to find names like a misspelled one.
  duckdb::SimilarCatalogEntry GetSimilarEntry(duckdb::CatalogTransaction,
                                              const duckdb::EntryLookupInfo&) override;

  using Result = duckdb::optional_ptr<duckdb::CatalogEntry>;
  Result CreateIndex(duckdb::CatalogTransaction, duckdb::CreateIndexInfo&,
                     duckdb::TableCatalogEntry&) override;
  Result CreateFunction(duckdb::CatalogTransaction, duckdb::CreateFunctionInfo&) override;
  Result CreateTable(duckdb::CatalogTransaction, duckdb::BoundCreateTableInfo&) override;
  Result CreateView(duckdb::CatalogTransaction, duckdb::CreateViewInfo&) override;
  Result CreateSequence(duckdb::CatalogTransaction, duckdb::CreateSequenceInfo&) override;
  Result CreateTableFunction(duckdb::CatalogTransaction, duckdb::CreateTableFunctionInfo&) override;
  Result CreateCopyFunction(duckdb::CatalogTransaction, duckdb::CreateCopyFunctionInfo&) override;
  Result CreatePragmaFunction(duckdb::CatalogTransaction, duckdb::CreatePragmaFunctionInfo&) override;
  Result CreateCollation(duckdb::CatalogTransaction, duckdb::CreateCollationInfo&) override;
  Result CreateType(duckdb::CatalogTransaction, duckdb::CreateTypeInfo&) override;
  void DropEntry(duckdb::ClientContext&, duckdb::DropInfo&) override;
  void Alter(duckdb::CatalogTransaction, duckdb::AlterInfo&) override;

 private:
  const std::shared_ptr<const Connector> connector_;
};

/// Tables and views found by one transaction: a statement sees each once, as it was when first looked up.
class CatalogTransactionState : public duckdb::Transaction {
 public:
  using Transaction::Transaction;

  /// Calls `find` for names not seen before; nullptr results are remembered too.
  duckdb::CatalogEntry* Entry(const std::string& schema, const std::string& name,
                              const std::function<std::shared_ptr<duckdb::CatalogEntry>()>& find);

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<duckdb::CatalogEntry>> entries_;
};

class CatalogTransactions : public duckdb::TransactionManager {
 public:
  using TransactionManager::TransactionManager;
  duckdb::Transaction& StartTransaction(duckdb::ClientContext& context) override;
  duckdb::ErrorData CommitTransaction(duckdb::ClientContext&, duckdb::Transaction& transaction) override;
  void RollbackTransaction(duckdb::Transaction& transaction) override;
  void Checkpoint(duckdb::ClientContext&, bool) override {}

 private:
  std::mutex mutex_;
  duckdb::reference_map_t<duckdb::Transaction, std::unique_ptr<CatalogTransactionState>> transactions_;
};

class CatalogEntries : public duckdb::Catalog {
 public:
  CatalogEntries(duckdb::AttachedDatabase& db, std::shared_ptr<const Connector> connector)
      : Catalog(db), connector_(std::move(connector)) {}

  void Initialize(bool) override {}
  duckdb::string GetCatalogType() override;
  duckdb::string GetDefaultSchema() const override;
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSchema(duckdb::CatalogTransaction,
                                                          duckdb::CreateSchemaInfo&) override;
  void DropSchema(duckdb::ClientContext&, duckdb::DropInfo&) override;
  duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(
      duckdb::CatalogTransaction, const duckdb::EntryLookupInfo& lookup,
      duckdb::OnEntryNotFound if_not_found) override;
  void ScanSchemas(duckdb::ClientContext&,
                   std::function<void(duckdb::SchemaCatalogEntry&)> callback) override;
  duckdb::PhysicalOperator& PlanCreateTableAs(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                              duckdb::LogicalCreateTable&,
                                              duckdb::PhysicalOperator&) override;
  duckdb::PhysicalOperator& PlanInsert(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalInsert&,
                                       duckdb::optional_ptr<duckdb::PhysicalOperator>) override;
  duckdb::PhysicalOperator& PlanDelete(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalDelete&, duckdb::PhysicalOperator&) override;
  duckdb::PhysicalOperator& PlanUpdate(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalUpdate&, duckdb::PhysicalOperator&) override;
  duckdb::DatabaseSize GetDatabaseSize(duckdb::ClientContext&) override;
  bool InMemory() override { return true; }
  duckdb::string GetDBPath() override { return {}; }

 private:
  bool HasSchema(const std::string& name) const;
  SchemaEntry& Schema(const std::string& name);

  const std::shared_ptr<const Connector> connector_;
  std::mutex mutex_;
  /// Never shrinks: the binder keeps references.
  std::map<std::string, std::unique_ptr<SchemaEntry>> schemas_;
};

}  // namespace planaria::connector
