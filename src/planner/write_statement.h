// INSERT, DELETE, UPDATE, MERGE and CREATE TABLE AS as a query whose rows are what is to be written.
//
//   INSERT INTO t (b) q                 q                                        kRows
//   CREATE TABLE t AS q                 q                                        kRows
//   DELETE FROM t WHERE p               SELECT row id FROM t WHERE p             kChanges
//   UPDATE t SET b = e WHERE p          SELECT row id, a, e FROM t WHERE p       kChanges
//   MERGE INTO t USING s ON p ...       SELECT operation, row id, ... of s LEFT JOIN t, by cases    kChanges
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/table_writes.h"
#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/sql_statement.hpp"
#include "kernel/duckdb_errors.h"
#include "planner/query_planner.h"

namespace planaria::planner {

/// What a statement writes into.
struct WriteTarget {
  /// As attached.
  std::string catalog;
  std::string schema;
  std::string table;
  std::vector<connector::Column> columns;
  /// The table as the query reads it; nullptr when it is to be created.
  std::shared_ptr<const connector::Table> snapshot;
};

struct WriteQuery {
  static constexpr size_t kNothing = SIZE_MAX;

  std::string update_type;
  connector::RowLayout layout = connector::RowLayout::kRows;
  WriteTarget target;
  duckdb::unique_ptr<duckdb::QueryNode> query;
  /// kChanges: the same for all rows, or the query's first column.
  std::optional<connector::RowOperation> operation;
  /// For each column of the table its position among the query's, kNothing for NULL.
  std::vector<size_t> sources;
  /// How a TYPE_MISMATCH begins: `Insert query has mismatched column types: `, and what it calls the query.
  std::string mismatch;
  std::string query_word = "Query";
};

/// A name of three parts, the session's filled in.
struct TableName {
  std::string catalog;
  std::string schema;
  std::string table;
  /// Byte in the statement's text.
  size_t position = 0;
};
/// Throws MISSING_SCHEMA_NAME, MISSING_CATALOG_NAME.
TableName CompleteName(TableName name, const QuerySession& session, const kernel::StatementText& statement);

/// The table of that name, in the transaction of `context`. Throws CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND,
/// TABLE_NOT_FOUND, and NOT_SUPPORTED for a view: `what_views_refuse` is not supported.
WriteTarget FindTarget(duckdb::ClientContext& context, const TableName& name,
                       const kernel::StatementText& statement, const std::string& what_views_refuse);

/// Takes INSERT, DELETE, UPDATE or MERGE apart; names in the query are resolved. Throws TrinoExceptions as
/// Trino's analyser does, SYNTAX_ERROR for what only DuckDB's language has. Nothing for other statements.
std::optional<WriteQuery> AnalyzeWrite(duckdb::ClientContext& context, duckdb::SQLStatement& statement,
                                       const QuerySession& session, const kernel::StatementText& text);

/// True when values of `from` may be written into columns of `to` (Trino: the two have a common type).
bool Assignable(const duckdb::LogicalType& from, const duckdb::LogicalType& to);

/// The type of a column that is created for values of `type`: Trino has no unsigned or 128-bit integers.
duckdb::LogicalType ColumnTypeFor(const duckdb::LogicalType& type);

}  // namespace planaria::planner
