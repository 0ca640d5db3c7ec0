#include "connector/table_scan.h"

#include <optional>

#include "base/error.h"
#include "connector/column_facts.h"
#include "connector/connector_registry.h"
#include "duckdb/catalog/catalog.hpp"
#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/common/types/hash.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "kernel/duckdb_errors.h"
#include "kernel/task_state.h"

namespace planaria::connector {
namespace {

using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::DataChunk;
using duckdb::FunctionData;
using duckdb::idx_t;
using duckdb::optional_ptr;
using kernel::InsideKernel;

constexpr const char* kFunctionName = "planaria_scan";

const ScanBindData& BindDataOf(optional_ptr<const FunctionData> data) { return data->Cast<ScanBindData>(); }

/// How the columns that DuckDB wants map to those that the connector is asked for. Virtual columns (the empty
/// column of COUNT(*)) exist only on DuckDB's side.
struct ColumnMapping {
  static constexpr idx_t kVirtual = std::numeric_limits<idx_t>::max();

  ColumnMapping(const ScanBindData& scan, const duckdb::vector<column_t>& column_ids) {
    for (const column_t id : column_ids) {
      if (id == kRowIdColumn) {
        positions.push_back(columns.size());
        columns.push_back(ScanRequest::kRowId);
        types.push_back(duckdb::LogicalType::BIGINT);
        continue;
      }
      if (id >= kHiddenColumns && id - kHiddenColumns < scan.table->columns().size()) {
        const auto position = static_cast<uint32_t>(id - kHiddenColumns);
        positions.push_back(columns.size());
        columns.push_back(position);
        types.push_back(scan.table->columns()[position].type);
        continue;
      }
      if (duckdb::IsVirtualColumn(id)) {
        positions.push_back(kVirtual);
        continue;
      }
      positions.push_back(columns.size());
      columns.push_back(static_cast<uint32_t>(id));
      types.push_back(scan.table->columns().at(id).type);
    }
  }

  bool HasVirtual() const { return columns.size() != positions.size(); }

  /// Filters keyed by positions in `column_ids`, keyed by positions in `columns` instead.
  std::unique_ptr<duckdb::TableFilterSet> Remap(const duckdb::TableFilterSet& filters) const {
    auto result = std::make_unique<duckdb::TableFilterSet>();
    for (const auto& [position, filter] : filters.filters) {
      const idx_t target = positions.at(position);
      if (target != kVirtual) result->filters.emplace(target, filter->Copy());
    }
    return result;
  }

  duckdb::vector<idx_t> positions;
  std::vector<uint32_t> columns;
  duckdb::vector<duckdb::LogicalType> types;
};

struct ScanGlobalState : duckdb::GlobalTableFunctionState {
  ScanGlobalState(ClientContext& context, const duckdb::TableFunctionInitInput& input)
      : scan(BindDataOf(input.bind_data)),
        mapping(scan, input.column_ids),
        task(kernel::TaskState::Of(context)) {
    request.columns = mapping.columns;
    if (input.filters && !input.filters->filters.empty()) {
      if (mapping.HasVirtual()) own_filters = mapping.Remap(*input.filters);
      request.filters = own_filters ? own_filters.get() : input.filters.get();
    }
    if (input.CanRemoveFilterColumns()) {
      for (const idx_t id : input.projection_ids) output.push_back(mapping.positions.at(id));
      direct = false;
    } else {
      output = mapping.positions;
      direct = !mapping.HasVirtual();
    }
    splits = task ? TaskSplits() : AllSplits(context);
  }

  idx_t MaxThreads() const override { return std::max<idx_t>(1, splits->size()); }

  const ScanBindData& scan;
  const ColumnMapping mapping;
  const std::shared_ptr<kernel::TaskContext> task;
  ScanRequest request;
  std::unique_ptr<duckdb::TableFilterSet> own_filters;
  /// For each output column its position among the requested ones.
  duckdb::vector<idx_t> output;
  /// True when the connector's chunk is the output chunk.
  bool direct = true;
  std::shared_ptr<kernel::SplitQueue> splits;

 private:
  std::shared_ptr<kernel::SplitQueue> TaskSplits() const {
    const auto entry = task->scans.find(scan.scan_id);
    if (entry == task->scans.end()) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The task has no splits for scan " +
                                                               std::to_string(scan.scan_id) + " of table " +
                                                               scan.schema + "." + scan.table_name);
    }
    return std::make_shared<kernel::SplitQueue>(*entry->second);
  }

  std::shared_ptr<kernel::SplitQueue> AllSplits(ClientContext& context) const {
    std::vector<kernel::ScanSplit> all;
    for (Split& split : scan.table->Splits(context, request)) {
      all.push_back({std::move(split.payload), split.rows});
    }
    return std::make_shared<kernel::SplitQueue>(std::move(all));
  }
};

struct ScanLocalState : duckdb::LocalTableFunctionState {
  std::unique_ptr<PageSource> source;
  /// Where the connector writes when its columns are not the output's.
  DataChunk requested;
};

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(ClientContext& context,
                                                                duckdb::TableFunctionInitInput& input) {
  return InsideKernel([&] { return duckdb::make_uniq<ScanGlobalState>(context, input); });
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(
    duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput&,
    duckdb::GlobalTableFunctionState* global_state) {
  const auto& global = global_state->Cast<ScanGlobalState>();
  auto local = duckdb::make_uniq<ScanLocalState>();
  if (!global.direct && !global.mapping.types.empty()) {
    local->requested.Initialize(context.client, global.mapping.types);
  }
  return local;
}

/// The next rows of the thread's split, then of further splits; an empty chunk when none is left.
void NextRows(ClientContext& context, ScanGlobalState& global, ScanLocalState& local, DataChunk& chunk) {
  while (true) {
    if (!local.source) {
      const kernel::ScanSplit* split = global.splits->Next();
      if (split == nullptr) return;
      if (global.task) global.task->meter->Scanned(split->bytes);
      local.source = global.scan.table->Open(context, {split->payload, split->rows, 0}, global.request);
    }
    local.source->Next(chunk);
    if (chunk.size() != 0) return;
    local.source.reset();
    chunk.Reset();
  }
}

void Scan(ClientContext& context, duckdb::TableFunctionInput& input, DataChunk& output) {
  auto& global = input.global_state->Cast<ScanGlobalState>();
  auto& local = input.local_state->Cast<ScanLocalState>();
  InsideKernel([&] {
    if (global.direct) {
      NextRows(context, global, local, output);
    } else {
      DataChunk& requested = local.requested;
      requested.Reset();
      requested.SetCardinality(0);
      NextRows(context, global, local, requested);
      for (idx_t i = 0; i < global.output.size(); ++i) {
        if (global.output[i] == ColumnMapping::kVirtual) {
          output.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
          duckdb::ConstantVector::SetNull(output.data[i], true);
        } else {
          output.data[i].Reference(requested.data[global.output[i]]);
        }
      }
      output.SetCardinality(requested.size());
    }
    if (global.task) global.task->scanned_rows.fetch_add(output.size(), std::memory_order_relaxed);
  });
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(ClientContext&, const FunctionData* data) {
  const auto rows = data->Cast<ScanBindData>().table->row_count();
  return rows ? duckdb::make_uniq<duckdb::NodeStatistics>(*rows) : nullptr;
}

duckdb::unique_ptr<duckdb::BaseStatistics> Statistics(ClientContext&, const FunctionData* data,
                                                      column_t column) {
  const auto& columns = data->Cast<ScanBindData>().table->columns();
  return column < columns.size() ? FactsOf(columns[column]) : nullptr;
}

duckdb::virtual_column_map_t VirtualColumns(ClientContext&, optional_ptr<FunctionData> data) {
  return VirtualColumnsOf(*data->Cast<ScanBindData>().table);
}

duckdb::BindInfo BindInfoOf(const optional_ptr<FunctionData> data) {
  const auto& scan = data->Cast<ScanBindData>();
  return scan.entry ? duckdb::BindInfo(*scan.entry) : duckdb::BindInfo(duckdb::ScanType::EXTERNAL);
}

/// Tells whether a table has the same columns in two processes.
uint64_t ColumnsHash(const Table& table) {
  std::string text;
  for (const Column& column : table.columns()) text += column.name + ' ' + column.type.ToString() + '\n';
  return duckdb::Hash(text.data(), text.size());
}

void Serialize(duckdb::Serializer& serializer, const optional_ptr<FunctionData> data,
               const duckdb::TableFunction&) {
  const auto& scan = data->Cast<ScanBindData>();
  serializer.WriteProperty(100, "catalog", scan.catalog);
  serializer.WriteProperty(101, "schema", scan.schema);
  serializer.WriteProperty(102, "table", scan.table_name);
  serializer.WriteProperty(103, "scan_id", scan.scan_id);
  serializer.WriteProperty(104, "columns_hash", ColumnsHash(*scan.table));
  const auto description = scan.table->description();
  serializer.WriteProperty(105, "described", description.has_value());
  if (!description) return;
  serializer.WriteProperty(106, "description", *description);
  duckdb::vector<duckdb::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  for (const Column& column : scan.table->columns()) {
    names.push_back(column.name);
    types.push_back(column.type);
  }
  serializer.WriteProperty(107, "names", names);
  serializer.WriteProperty(108, "types", types);
}

/// The table of a scan that tells what it is.
std::shared_ptr<const Table> ReadDescribed(duckdb::Deserializer& deserializer, const Connector& connector) {
  const auto description = deserializer.ReadProperty<duckdb::string>(106, "description");
  const auto names = deserializer.ReadProperty<duckdb::vector<duckdb::string>>(107, "names");
  const auto types = deserializer.ReadProperty<duckdb::vector<duckdb::LogicalType>>(108, "types");
  if (names.size() != types.size()) {
    throw TrinoException(errors::SERIALIZATION_ERROR, "Columns of a scanned table do not fit their types");
  }
  std::vector<Column> columns;
  for (size_t i = 0; i < names.size(); i++) columns.push_back({names[i], types[i]});
  return connector.DescribedTable(std::move(columns), description);
}

void Configure(duckdb::TableFunction& function, const Table& table) {
  function.filter_pushdown = table.AppliesFilters();
  function.filter_prune = table.AppliesFilters();
}

duckdb::unique_ptr<FunctionData> Deserialize(duckdb::Deserializer& deserializer,
                                             duckdb::TableFunction& function) {
  return InsideKernel([&]() -> duckdb::unique_ptr<FunctionData> {
    auto scan = duckdb::make_uniq<ScanBindData>();
    scan->catalog = deserializer.ReadProperty<duckdb::string>(100, "catalog");
    scan->schema = deserializer.ReadProperty<duckdb::string>(101, "schema");
    scan->table_name = deserializer.ReadProperty<duckdb::string>(102, "table");
    scan->scan_id = deserializer.ReadProperty<uint32_t>(103, "scan_id");
    const auto columns_hash = deserializer.ReadProperty<uint64_t>(104, "columns_hash");
    auto& context = deserializer.Get<ClientContext&>();
    const auto connector = ConnectorOf(duckdb::DatabaseInstance::GetDatabase(context), scan->catalog);
    const bool described = deserializer.ReadProperty<bool>(105, "described");
    scan->table = described ? ReadDescribed(deserializer, *connector)
                            : connector->GetTable(context, scan->schema, scan->table_name);
    const std::string full_name = scan->catalog + "." + scan->schema + "." + scan->table_name;
    if (!scan->table)
      throw TrinoException(errors::TABLE_NOT_FOUND, "Table '" + full_name + "' does not exist");
    // The plan refers to columns by position.
    if (ColumnsHash(*scan->table) != columns_hash) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           "The columns of table '" + full_name + "' changed after the query was planned");
    }
    Configure(function, *scan->table);
    return scan;
  });
}

duckdb::TableFunction MakeFunction() {
  duckdb::TableFunction function(kFunctionName, {}, Scan, nullptr, InitGlobal, InitLocal);
  function.cardinality = Cardinality;
  function.statistics = Statistics;
  function.get_virtual_columns = VirtualColumns;
  function.get_bind_info = BindInfoOf;
  function.serialize = Serialize;
  function.deserialize = Deserialize;
  function.projection_pushdown = true;
  // Tables have no order in SQL: without this, DuckDB would collect a scan's rows on one thread.
  function.order_preservation_type = duckdb::OrderPreservationType::NO_ORDER;
  return function;
}

}  // namespace

duckdb::unique_ptr<FunctionData> ScanBindData::Copy() const { return duckdb::make_uniq<ScanBindData>(*this); }

bool ScanBindData::Equals(const FunctionData& other_data) const {
  const auto& other = other_data.Cast<ScanBindData>();
  return catalog == other.catalog && schema == other.schema && table_name == other.table_name &&
         scan_id == other.scan_id;
}

duckdb::virtual_column_map_t VirtualColumnsOf(const Table& table) {
  duckdb::virtual_column_map_t result;
  result.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", duckdb::LogicalType::BOOLEAN));
  if (table.HasRowIds()) {
    result.emplace(kRowIdColumn, duckdb::TableColumn(kRowIdName, duckdb::LogicalType::BIGINT));
  }
  const auto& columns = table.columns();
  for (size_t i = 0; i < columns.size(); i++) {
    if (columns[i].hidden) {
      result.emplace(kHiddenColumns + i, duckdb::TableColumn(columns[i].name, columns[i].type));
    }
  }
  return result;
}

duckdb::TableFunction MakeTableScan(const Table& table) {
  duckdb::TableFunction function = MakeFunction();
  Configure(function, table);
  return function;
}

void RegisterTableScan(duckdb::DatabaseInstance& db) {
  duckdb::CreateTableFunctionInfo info(MakeFunction());
  info.internal = true;
  info.on_conflict = duckdb::OnCreateConflict::IGNORE_ON_CONFLICT;
  duckdb::Catalog::GetSystemCatalog(db).CreateTableFunction(
      duckdb::CatalogTransaction::GetSystemTransaction(db), info);
}

const ScanBindData* ScanOf(const duckdb::LogicalGet& get) {
  return get.function.name == kFunctionName ? &get.bind_data->Cast<ScanBindData>() : nullptr;
}

ScanBindData* MutableScanOf(duckdb::LogicalGet& get) {
  return get.function.name == kFunctionName ? &get.bind_data->Cast<ScanBindData>() : nullptr;
}

PlannedScan ScanRequestOf(const duckdb::LogicalGet& get) {
  const ScanBindData& scan = *ScanOf(get);
  duckdb::vector<column_t> ids;
  for (const auto& index : get.GetColumnIds()) ids.push_back(index.GetPrimaryIndex());
  const ColumnMapping mapping(scan, ids);
  PlannedScan planned;
  planned.request.columns = mapping.columns;
  // A logical plan's filters are keyed by the table's columns.
  for (const auto& [column, filter] : get.table_filters.filters) {
    const auto at = std::find(mapping.columns.begin(), mapping.columns.end(), column);
    if (at == mapping.columns.end()) continue;
    if (!planned.filters) planned.filters = std::make_unique<duckdb::TableFilterSet>();
    planned.filters->filters.emplace(at - mapping.columns.begin(), filter->Copy());
  }
  planned.request.filters = planned.filters.get();
  return planned;
}

std::vector<Split> SplitsOf(ClientContext& context, const duckdb::LogicalGet& get) {
  const PlannedScan planned = ScanRequestOf(get);
  return ScanOf(get)->table->Splits(context, planned.request);
}

}  // namespace planaria::connector
