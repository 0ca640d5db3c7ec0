// What a connector owes the engine: names, columns, statistics, splits, and rows of one split. What it owes
// statements that change something is in table_writes.h.
//
// A catalog is one configured connector (`etc/catalog/<name>.properties`). Metadata calls come from the
// coordinator, page sources run on workers; both processes build the same Connector from the same properties.
// Every object here is immutable after construction or says otherwise, and may be used from several threads
// at once.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "kernel/declared_type.h"

namespace planaria::connector {

/// A piece of a table that one thread reads. `payload` means something to its connector only, survives the
/// wire, and reads the same rows however often it is opened.
struct Split {
  std::string payload;
  /// Estimates; 0 when unknown.
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

struct ColumnStatistics {
  std::optional<double> distinct_values;
  /// 0 says that no row is NULL, which the optimizer takes as a fact; other values are estimates.
  std::optional<double> nulls_fraction;
  /// Of the column's own type; bounds must hold for every row (the optimizer derives facts from them).
  std::optional<duckdb::Value> low, high;
};

struct Column {
  std::string name;
  duckdb::LogicalType type;
  bool nullable = true;
  ColumnStatistics statistics = {};
  std::optional<std::string> comment = std::nullopt;
  /// Trino's type, where `type` alone does not tell it: varchar(5) and char(5) are stored as varchar.
  std::optional<sql::Type> declared = std::nullopt;
  /// Read by name only: `*` does not give it. Hidden columns come after all others.
  bool hidden = false;
};

/// A query that has a name.
struct View {
  /// Trino's SQL, as its formatter writes it.
  std::string query;
  /// The session's defaults when the view was made; empty when it had none. They complete the names in
  /// `query`.
  std::string catalog;
  std::string schema;
  /// What the query gave then. No statistics.
  std::vector<Column> columns;
  std::optional<std::string> comment;
  /// Nothing for SECURITY INVOKER.
  std::optional<std::string> owner;
};

/// What a scan needs of a table: columns by position in Table::columns(), and filters that page sources may
/// use to skip rows early (every filter named here must be applied exactly by the page source if
/// `Table::AppliesFilters()`).
struct ScanRequest {
  /// Stands in `columns` for the row id, a BIGINT that is never NULL (Table::HasRowIds).
  static constexpr uint32_t kRowId = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> columns;
  /// Keyed by position in `columns`; nullptr when there are none. Borrowed for the call or the page source's
  /// life.
  const duckdb::TableFilterSet* filters = nullptr;
};

/// Rows of one split; used by one thread.
class PageSource {
 public:
  virtual ~PageSource() = default;
  /// Fills `chunk` (of the requested columns' types, empty on entry) with the next rows; leaves it empty at
  /// the end. Rows may be references into memory of this source that stays valid until the next call. A
  /// request without columns (COUNT(*)) only sets the chunk's cardinality. Throws TrinoException with the
  /// connector's code when the data cannot be read.
  virtual void Next(duckdb::DataChunk& chunk) = 0;
};

class Table {
 public:
  virtual ~Table() = default;
  virtual const std::vector<Column>& columns() const = 0;
  /// Exact or estimated number of rows.
  virtual std::optional<uint64_t> row_count() const = 0;
  /// True when page sources apply ScanRequest::filters themselves.
  virtual bool AppliesFilters() const { return false; }
  /// True for tables that only the coordinator can answer (system tables): their scans run there.
  virtual bool CoordinatorOnly() const { return false; }
  /// True when every row has an id by which it can be deleted or updated while the table is not changed
  /// otherwise.
  virtual bool HasRowIds() const { return false; }
  /// What other processes need, besides the columns, to read splits of a table that they cannot find by name
  /// (Connector::DescribedTable). Nothing: they find it.
  virtual std::optional<std::string> description() const { return std::nullopt; }
  virtual std::optional<std::string> comment() const { return std::nullopt; }
  /// As SHOW CREATE TABLE writes them: name and SQL literal.
  virtual std::map<std::string, std::string> properties() const { return {}; }
  /// All splits; may skip those that `request.filters` exclude. Called on the coordinator.
  virtual std::vector<Split> Splits(duckdb::ClientContext& context, const ScanRequest& request) const = 0;
  virtual std::unique_ptr<PageSource> Open(duckdb::ClientContext& context, const Split& split,
                                           const ScanRequest& request) const = 0;
};

class ConnectorWrites;

class Connector {
 public:
  virtual ~Connector() = default;
  /// All names lower case, sorted.
  virtual std::vector<std::string> ListSchemas() const = 0;
  /// Sorted table names; empty when there is no such schema.
  virtual std::vector<std::string> ListTables(const std::string& schema) const = 0;
  /// The same of views, whose names are no table's.
  virtual std::vector<std::string> ListViews(const std::string&) const { return {}; }
  virtual std::optional<View> GetView(const std::string&, const std::string&) const { return std::nullopt; }
  /// nullptr when there is no such schema or table.
  virtual std::shared_ptr<const Table> GetTable(duckdb::ClientContext& context, const std::string& schema,
                                                const std::string& table) const = 0;
  /// A table for reading splits only, from its columns and Table::description(). Throws
  /// GENERIC_INTERNAL_ERROR unless the connector's tables have descriptions.
  virtual std::shared_ptr<const Table> DescribedTable(std::vector<Column> columns,
                                                      const std::string& description) const;
  /// How its tables are changed; by default every change is refused.
  virtual const ConnectorWrites& writes() const;
};

/// Makes the connector that `connector.name` asks for. Unknown names, missing, unknown or wrong properties
/// throw TrinoException(CONFIGURATION_INVALID) that names catalog and property.
std::shared_ptr<const Connector> CreateConnector(const std::string& catalog,
                                                 const std::map<std::string, std::string>& properties);

}  // namespace planaria::connector
