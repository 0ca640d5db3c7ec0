// The table function behind every table of a catalog: DuckDB's plans see `planaria_scan`, connectors see
// splits.
//
// A scan's bind data names its table and, once the planner has numbered it, its scan id; both survive
// LogicalGet::Serialize. A table that only the coordinator knows takes its description along. Inside a task
// the scan takes its splits from the TaskContext (kernel/task_state.h) by that id; without a task it
// enumerates all splits of the table itself.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

namespace planaria::connector {

struct ScanBindData : duckdb::TableFunctionData {
  static constexpr uint32_t kNoScan = std::numeric_limits<uint32_t>::max();

  std::string catalog, schema, table_name;
  std::shared_ptr<const Table> table;
  /// The planner's number for this scan within its fragment; kNoScan outside of tasks.
  uint32_t scan_id = kNoScan;
  /// The entry the binder found; nullptr after deserialisation.
  std::shared_ptr<duckdb::TableCatalogEntry> entry;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override;
  bool Equals(const duckdb::FunctionData& other) const override;
};

/// The column that row ids are read from, where Table::HasRowIds.
inline constexpr const char* kRowIdName = "$row_id";
inline constexpr duckdb::column_t kRowIdColumn = UINT64_C(9223372036854775808) + 100;

/// A hidden column is this and its position among the table's columns.
inline constexpr duckdb::column_t kHiddenColumns = kRowIdColumn + 1000;

/// Columns of a table that SELECT * does not give.
duckdb::virtual_column_map_t VirtualColumnsOf(const Table& table);

/// The function for scans of `table`.
duckdb::TableFunction MakeTableScan(const Table& table);

/// Makes the function known to the instance's system catalog, where deserialised plans look for it.
void RegisterTableScan(duckdb::DatabaseInstance& db);

/// The bind data of a scan of ours; nullptr for any other source.
const ScanBindData* ScanOf(const duckdb::LogicalGet& get);
ScanBindData* MutableScanOf(duckdb::LogicalGet& get);

/// What `get` asks of its table. Movable: the request's filters point at those owned here.
struct PlannedScan {
  ScanRequest request;
  std::unique_ptr<duckdb::TableFilterSet> filters;
};

/// Requires ScanOf(get).
PlannedScan ScanRequestOf(const duckdb::LogicalGet& get);

/// All splits of a scan, filters considered: what the planner hands to the scheduler. Requires ScanOf(get).
/// Throws TrinoException as the connector does.
std::vector<Split> SplitsOf(duckdb::ClientContext& context, const duckdb::LogicalGet& get);

}  // namespace planaria::connector
