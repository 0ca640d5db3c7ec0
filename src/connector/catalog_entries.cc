#include "connector/catalog_entries.h"

#include <algorithm>

#include "base/error.h"
#include "connector/column_facts.h"
#include "connector/connector_registry.h"
#include "connector/table_scan.h"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/storage/database_size.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "kernel/duckdb_errors.h"

namespace planaria::connector {
namespace {

using duckdb::CatalogEntry;
using duckdb::CatalogTransaction;
using duckdb::CatalogType;
using duckdb::ClientContext;
using duckdb::optional_ptr;
using duckdb::PhysicalOperator;
using duckdb::PhysicalPlanGenerator;
using kernel::InsideKernel;

[[noreturn]] void Unsupported(const std::string& what) {
  kernel::ThrowIntoKernel({errors::NOT_SUPPORTED, "This connector does not support " + what, {}, {}});
}

std::string Lower(const std::string& name) { return duckdb::StringUtil::Lower(name); }

std::shared_ptr<TableEntry> MakeEntry(SchemaEntry& schema, const std::string& name,
                                      std::shared_ptr<const Table> table) {
  duckdb::CreateTableInfo info(schema.ParentCatalog().GetName(), schema.name, name);
  for (const Column& column : table->columns()) {
    if (!column.hidden) info.columns.AddColumn(duckdb::ColumnDefinition(column.name, column.type));
  }
  return std::make_shared<TableEntry>(schema.ParentCatalog(), schema, info, std::move(table));
}

std::shared_ptr<ViewEntry> MakeEntry(SchemaEntry& schema, const std::string& name,
                                     duckdb::unique_ptr<duckdb::SelectStatement> query) {
  duckdb::CreateViewInfo info(schema, name);
  info.sql = query->ToString();
  info.query = std::move(query);
  return std::make_shared<ViewEntry>(schema.ParentCatalog(), schema, info);
}

}  // namespace

duckdb::unique_ptr<duckdb::BaseStatistics> TableEntry::GetStatistics(ClientContext&,
                                                                     duckdb::column_t column) {
  const auto& columns = table_->columns();
  return column < columns.size() ? FactsOf(columns[column]) : nullptr;
}

duckdb::TableFunction TableEntry::GetScanFunction(ClientContext&,
                                                  duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  auto scan = duckdb::make_uniq<ScanBindData>();
  scan->catalog = catalog.GetName();
  scan->schema = schema.name;
  scan->table_name = name;
  scan->table = table_;
  scan->entry = shared_from_this();
  bind_data = std::move(scan);
  return MakeTableScan(*table_);
}

duckdb::TableStorageInfo TableEntry::GetStorageInfo(ClientContext&) {
  duckdb::TableStorageInfo info;
  if (const auto rows = table_->row_count()) info.cardinality = *rows;
  return info;
}

duckdb::virtual_column_map_t TableEntry::GetVirtualColumns() const { return VirtualColumnsOf(*table_); }

void SchemaEntry::Scan(ClientContext& context, CatalogType type,
                       const std::function<void(CatalogEntry&)>& callback) {
  if (type != CatalogType::TABLE_ENTRY) return;
  const auto names = InsideKernel([&] { return connector_->ListTables(name); });
  for (const std::string& table : names) {
    const duckdb::EntryLookupInfo lookup(type, table);
    if (auto entry = LookupEntry(catalog.GetCatalogTransaction(context), lookup)) callback(*entry);
  }
}

void SchemaEntry::Scan(CatalogType, const std::function<void(CatalogEntry&)>&) {
  // DuckDB asks without a transaction only to check a database for dependencies on files; a connector has
  // none.
}

optional_ptr<CatalogEntry> SchemaEntry::LookupEntry(CatalogTransaction transaction,
                                                    const duckdb::EntryLookupInfo& lookup) {
  if (lookup.GetCatalogType() != CatalogType::TABLE_ENTRY || !transaction.HasContext()) return nullptr;
  const std::string table_name = Lower(lookup.GetEntryName());
  auto& cache = transaction.transaction->Cast<CatalogTransactionState>();
  return InsideKernel([&]() -> optional_ptr<CatalogEntry> {
    return cache.Entry(name, table_name, [&]() -> std::shared_ptr<CatalogEntry> {
      auto& context = transaction.GetContext();
      if (auto table = connector_->GetTable(context, name, table_name)) {
        return MakeEntry(*this, table_name, std::move(table));
      }
      const auto view = connector_->GetView(name, table_name);
      const auto& reader =
          ConnectorRegistry::Of(duckdb::DatabaseInstance::GetDatabase(context))->view_reader();
      return view && reader ? MakeEntry(*this, table_name, reader(context, *view)) : nullptr;
    });
  });
}

duckdb::SimilarCatalogEntry SchemaEntry::GetSimilarEntry(CatalogTransaction, const duckdb::EntryLookupInfo&) {
  return {};
}

SchemaEntry::Result SchemaEntry::CreateIndex(CatalogTransaction, duckdb::CreateIndexInfo&,
                                             duckdb::TableCatalogEntry&) {
  Unsupported("creating indexes");
}
SchemaEntry::Result SchemaEntry::CreateFunction(CatalogTransaction, duckdb::CreateFunctionInfo&) {
  Unsupported("creating functions");
}
SchemaEntry::Result SchemaEntry::CreateTable(CatalogTransaction, duckdb::BoundCreateTableInfo&) {
  Unsupported("creating tables");
}
SchemaEntry::Result SchemaEntry::CreateView(CatalogTransaction, duckdb::CreateViewInfo&) {
  Unsupported("creating views");
}
SchemaEntry::Result SchemaEntry::CreateSequence(CatalogTransaction, duckdb::CreateSequenceInfo&) {
  Unsupported("creating sequences");
}
SchemaEntry::Result SchemaEntry::CreateTableFunction(CatalogTransaction, duckdb::CreateTableFunctionInfo&) {
  Unsupported("creating functions");
}
SchemaEntry::Result SchemaEntry::CreateCopyFunction(CatalogTransaction, duckdb::CreateCopyFunctionInfo&) {
  Unsupported("creating functions");
}
SchemaEntry::Result SchemaEntry::CreatePragmaFunction(CatalogTransaction, duckdb::CreatePragmaFunctionInfo&) {
  Unsupported("creating functions");
}
SchemaEntry::Result SchemaEntry::CreateCollation(CatalogTransaction, duckdb::CreateCollationInfo&) {
  Unsupported("creating collations");
}
SchemaEntry::Result SchemaEntry::CreateType(CatalogTransaction, duckdb::CreateTypeInfo&) {
  Unsupported("creating types");
}
void SchemaEntry::DropEntry(ClientContext&, duckdb::DropInfo& info) {
  Unsupported(info.type == CatalogType::VIEW_ENTRY ? "dropping views" : "dropping tables");
}
void SchemaEntry::Alter(CatalogTransaction, duckdb::AlterInfo&) { Unsupported("altering tables"); }

CatalogEntry* CatalogTransactionState::Entry(const std::string& schema, const std::string& name,
                                             const std::function<std::shared_ptr<CatalogEntry>()>& find) {
  const std::lock_guard lock(mutex_);
  const auto key = std::make_pair(schema, name);
  auto entry = entries_.find(key);
  if (entry == entries_.end()) entry = entries_.emplace(key, find()).first;
  return entry->second.get();
}

duckdb::Transaction& CatalogTransactions::StartTransaction(ClientContext& context) {
  auto transaction = std::make_unique<CatalogTransactionState>(*this, context);
  auto& result = *transaction;
  const std::lock_guard lock(mutex_);
  transactions_[result] = std::move(transaction);
  return result;
}

duckdb::ErrorData CatalogTransactions::CommitTransaction(ClientContext&, duckdb::Transaction& transaction) {
  RollbackTransaction(transaction);
  return duckdb::ErrorData();
}

void CatalogTransactions::RollbackTransaction(duckdb::Transaction& transaction) {
  const std::lock_guard lock(mutex_);
  transactions_.erase(transaction);
}

duckdb::string CatalogEntries::GetCatalogType() { return "planaria"; }

duckdb::string CatalogEntries::GetDefaultSchema() const { return "information_schema"; }

bool CatalogEntries::HasSchema(const std::string& name) const {
  const auto listed = connector_->ListSchemas();
  if (std::find(listed.begin(), listed.end(), name) != listed.end()) return true;
  // Some connectors answer to more schemas than they list (every scale factor of TPC-H is one).
  return !connector_->ListTables(name).empty();
}

SchemaEntry& CatalogEntries::Schema(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& entry = schemas_[name];
  if (!entry) {
    duckdb::CreateSchemaInfo info;
    info.catalog = GetName();
    info.schema = name;
    entry = std::make_unique<SchemaEntry>(*this, info, connector_);
  }
  return *entry;
}

optional_ptr<duckdb::SchemaCatalogEntry> CatalogEntries::LookupSchema(CatalogTransaction,
                                                                      const duckdb::EntryLookupInfo& lookup,
                                                                      duckdb::OnEntryNotFound if_not_found) {
  const std::string name = Lower(lookup.GetEntryName());
  if (InsideKernel([&] { return HasSchema(name); })) return &Schema(name);
  if (if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return nullptr;
  throw duckdb::CatalogException::MissingEntry(lookup, "");
}

void CatalogEntries::ScanSchemas(ClientContext&, std::function<void(duckdb::SchemaCatalogEntry&)> callback) {
  const auto known = InsideKernel([&] { return connector_->ListSchemas(); });
  for (const std::string& name : known) callback(Schema(name));
}

optional_ptr<CatalogEntry> CatalogEntries::CreateSchema(CatalogTransaction, duckdb::CreateSchemaInfo&) {
  Unsupported("creating schemas");
}
void CatalogEntries::DropSchema(ClientContext&, duckdb::DropInfo&) { Unsupported("dropping schemas"); }
PhysicalOperator& CatalogEntries::PlanCreateTableAs(ClientContext&, PhysicalPlanGenerator&,
                                                    duckdb::LogicalCreateTable&, PhysicalOperator&) {
  Unsupported("creating tables with data");
}
PhysicalOperator& CatalogEntries::PlanInsert(ClientContext&, PhysicalPlanGenerator&, duckdb::LogicalInsert&,
                                             optional_ptr<PhysicalOperator>) {
  Unsupported("inserts");
}
PhysicalOperator& CatalogEntries::PlanDelete(ClientContext&, PhysicalPlanGenerator&, duckdb::LogicalDelete&,
                                             PhysicalOperator&) {
  Unsupported("modifying table rows");
}
PhysicalOperator& CatalogEntries::PlanUpdate(ClientContext&, PhysicalPlanGenerator&, duckdb::LogicalUpdate&,
                                             PhysicalOperator&) {
  Unsupported("modifying table rows");
}
duckdb::DatabaseSize CatalogEntries::GetDatabaseSize(ClientContext&) { return {}; }

}  // namespace planaria::connector
