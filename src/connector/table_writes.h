// What a connector owes statements that change schemas, tables and rows.
//
// Rows are written in three steps:
//
//   Begin...        on the coordinator, while the statement is planned: may refuse, may prepare.
//   OpenSink        in tasks, one sink per thread of every attempt. A sink turns rows into commit fragments.
//   Commit, Abort   on the coordinator: Commit once, with the fragments of exactly one attempt of every task.
//
// Attempts of a task may run twice, at the same time, and be killed halfway; a sink hears of none of this. So
// nothing that a sink does may be visible before Commit, and what attempts that did not win have left must
// not become visible ever: Commit and Abort remove it. A connector that cannot promise that refuses
// RetryMode::kRetries when the write begins (RequireNoRetries).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"

namespace planaria::connector {

enum class RetryMode : uint8_t {
  kNoRetries,
  /// Tasks or the whole query may run again (retry policies QUERY, TASK and AUTO).
  kRetries,
};

struct WriteSession {
  /// Unique; good for naming what a write leaves behind.
  std::string query_id;
  RetryMode retry_mode = RetryMode::kNoRetries;
};

/// Throws NOT_SUPPORTED with Trino's text when the write may have to be retried.
void RequireNoRetries(const WriteSession& session);

struct NewTable {
  std::string schema;
  std::string name;
  std::vector<Column> columns;
  std::optional<std::string> comment;
  /// The WITH clause, values as the statement writes them.
  std::map<std::string, std::string> properties;
  bool replace = false;
};

/// A table or view of the catalog.
struct TableReference {
  std::string schema;
  std::string name;
  std::string ToString() const { return schema + "." + name; }
};

/// The columns that a sink is given.
enum class RowLayout : uint8_t {
  /// The table's columns.
  kRows,
  /// A change each: operation (TINYINT, one of RowOperation), row id (BIGINT), then the table's columns.
  kChanges,
};

enum class RowOperation : int8_t {
  /// Row id is NULL.
  kInsert = 1,
  /// Columns are meaningless.
  kDelete = 2,
  /// The row of this id becomes these columns.
  kUpdate = 3,
};

/// Takes rows of one thread.
class PageSink {
 public:
  virtual ~PageSink() = default;
  /// Takes `rows` and may add finished fragments: bytes that mean something to the connector's Commit only.
  virtual void Append(duckdb::DataChunk& rows, std::vector<std::string>* fragments) = 0;
  /// No more rows: adds the fragments that are left.
  virtual void Finish(std::vector<std::string>* fragments) = 0;
};

struct SinkRequest {
  /// TableWrite::sink().
  std::string sink;
  RowLayout layout = RowLayout::kRows;
  /// Of the table.
  duckdb::vector<duckdb::LogicalType> types;
};

/// One write from its begin on. Used by one thread at a time; of Commit and Abort exactly one is called,
/// once. A Commit that throws has left nothing, neither visible nor behind.
class TableWrite {
 public:
  virtual ~TableWrite() = default;
  /// Goes to OpenSink.
  virtual std::string sink() const = 0;
  /// Makes the rows visible, all of them or none. Fragments come in any order.
  virtual void Commit(const std::vector<std::string>& fragments) = 0;
  /// Removes what sinks may have left.
  virtual void Abort() = 0;
};

/// One that the WITH clause of CREATE TABLE may set.
struct TableProperty {
  std::string name;
  std::string default_value;
  /// Trino's.
  std::string type;
  std::string description;
};

/// By default everything is refused, in Trino's words. Names are lower case. Objects are found by their
/// caller first; that they are gone, or there, by now is the connector's to find out. Thread-safe.
class ConnectorWrites {
 public:
  virtual ~ConnectorWrites() = default;

  /// Sorted by name. Tables with other properties are refused before the connector hears of them.
  virtual std::vector<TableProperty> table_properties() const { return {}; }

  virtual void CreateSchema(const std::string& schema) const;
  /// Throws SCHEMA_NOT_EMPTY unless `cascade`.
  virtual void DropSchema(const std::string& schema, bool cascade) const;
  virtual void CreateTable(const NewTable& table) const;
  virtual void DropTable(const std::string& schema, const std::string& table) const;
  virtual void TruncateTable(const std::string& schema, const std::string& table) const;

  virtual void RenameSchema(const std::string& schema, const std::string& target) const;
  virtual void RenameTable(const TableReference& table, const TableReference& target) const;
  virtual void SetTableComment(const TableReference& table, const std::optional<std::string>& comment) const;
  virtual void SetColumnComment(const TableReference& table, const std::string& column,
                                const std::optional<std::string>& comment) const;
  /// After the last column. The rows that are there have NULL in it.
  virtual void AddColumn(const TableReference& table, const Column& column) const;
  virtual void RenameColumn(const TableReference& table, const std::string& column,
                            const std::string& target) const;
  virtual void DropColumn(const TableReference& table, const std::string& column) const;
  virtual void SetColumnType(const TableReference& table, const std::string& column,
                             const duckdb::LogicalType& type) const;
  virtual void DropNotNull(const TableReference& table, const std::string& column) const;

  /// Replaces a view of that name if `replace`.
  virtual void CreateView(const TableReference& name, const View& view, bool replace) const;
  virtual void DropView(const TableReference& view) const;
  virtual void RenameView(const TableReference& view, const TableReference& target) const;
  virtual void SetViewComment(const TableReference& view, const std::optional<std::string>& comment) const;
  virtual void SetViewColumnComment(const TableReference& view, const std::string& column,
                                    const std::optional<std::string>& comment) const;

  /// CREATE TABLE AS: the table appears when the write commits.
  virtual std::unique_ptr<TableWrite> BeginCreate(const WriteSession& session, const NewTable& table) const;
  virtual std::unique_ptr<TableWrite> BeginInsert(const WriteSession& session, const std::string& schema,
                                                  const std::string& table) const;
  /// DELETE, UPDATE and MERGE, of the table as `snapshot` shows it.
  virtual std::unique_ptr<TableWrite> BeginChange(const WriteSession& session, const std::string& schema,
                                                  const std::string& table,
                                                  std::shared_ptr<const Table> snapshot) const;

  /// In any process.
  virtual std::unique_ptr<PageSink> OpenSink(duckdb::ClientContext& context,
                                             const SinkRequest& request) const;
};

}  // namespace planaria::connector
