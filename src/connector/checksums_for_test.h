// Compares a connector's tables with what tests/oracle/record_generators.py recorded of other generators.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "duckdb/main/appender.hpp"

namespace planaria::connector {

struct RecordedChecksums {
  std::string schema, table;
  /// Keys of the slice, both inclusive; 0 and 0 for all rows.
  int64_t first_key = 0, last_key = 0;
  uint64_t rows = 0;
  /// A sum for each column, then one for whole rows.
  std::vector<std::string> sums;
};

inline std::vector<RecordedChecksums> ReadChecksums(const std::string& file) {
  const std::string here = __FILE__;
  std::ifstream in(here.substr(0, here.rfind("/src/")) + "/tests/data/" + file);
  std::vector<RecordedChecksums> all;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    RecordedChecksums recorded;
    fields >> recorded.schema >> recorded.table >> recorded.first_key >> recorded.last_key >> recorded.rows;
    for (std::string sum; fields >> sum;) recorded.sums.push_back(sum);
    all.push_back(std::move(recorded));
  }
  return all;
}

/// All columns, in order.
inline ScanRequest AllColumns(const Table& table) {
  ScanRequest request;
  for (uint32_t i = 0; i < table.columns().size(); i++) request.columns.push_back(i);
  return request;
}

/// An in-memory database that rows of splits are collected in.
class RowCollector {
 public:
  RowCollector() : database_(nullptr), connection_(database_) {}

  duckdb::ClientContext& context() { return *connection_.context; }

  std::unique_ptr<duckdb::MaterializedQueryResult> Query(const std::string& sql) {
    auto result = connection_.Query(sql);
    if (result->HasError()) result->ThrowError();
    return std::unique_ptr<duckdb::MaterializedQueryResult>(result.release());
  }

  /// Makes the DuckDB table `name` of the rows of `splits`.
  void Collect(const std::string& name, const Table& table, const std::vector<Split>& splits,
               const ScanRequest& request) {
    std::string columns;
    duckdb::vector<duckdb::LogicalType> types;
    for (uint32_t column : request.columns) {
      types.push_back(table.columns()[column].type);
      columns += (columns.empty() ? "" : ", ") + table.columns()[column].name + " " + types.back().ToString();
    }
    Query("CREATE OR REPLACE TABLE " + name + " (" + columns + ")");
    duckdb::Appender appender(connection_, name);
    for (const Split& split : splits) {
      auto source = table.Open(context(), split, request);
      duckdb::DataChunk chunk;
      chunk.Initialize(duckdb::Allocator::DefaultAllocator(), types);
      for (source->Next(chunk); chunk.size() > 0; source->Next(chunk)) {
        appender.AppendDataChunk(chunk);
        chunk.Reset();
      }
    }
    appender.Close();
  }

  /// Row count and checksums of the rows of `name` where `condition` holds.
  RecordedChecksums Checksums(const std::string& name, const Table& table,
                              const std::string& condition = "true") {
    std::string sums, all;
    for (const Column& column : table.columns()) {
      // Money is recorded with two digits behind the point.
      std::string value = column.type.id() == duckdb::LogicalTypeId::DOUBLE
                              ? "CAST(" + column.name + " AS DECIMAL(15,2))"
                              : column.name;
      // Blanks that fill a char are not recorded; nor are those at the end of dsdgen's texts for chars.
      if (column.declared && column.declared->Is(sql::TypeKind::kChar)) value = "rtrim(" + value + ", ' ')";
      std::string text = "coalesce(CAST(" + value + " AS VARCHAR), '')";
      sums += ", CAST(sum(md5_number_lower(" + text + ")) AS VARCHAR)";
      all += (all.empty() ? "" : ", ") + text;
    }
    auto result = Query("SELECT count(*)" + sums + ", CAST(sum(md5_number_lower(concat_ws('|', " + all +
                        "))) AS VARCHAR) FROM " + name + " WHERE " + condition);
    RecordedChecksums computed;
    computed.rows = result->GetValue(0, 0).GetValue<uint64_t>();
    for (duckdb::idx_t i = 1; i < result->ColumnCount(); i++)
      computed.sums.push_back(result->GetValue(i, 0).ToString());
    return computed;
  }

  /// Rows of `name` that lie outside the bounds the table's statistics promise.
  int64_t RowsOutOfBounds(const std::string& name, const Table& table) {
    std::string outside = "false";
    for (const Column& column : table.columns()) {
      if (column.statistics.low)
        outside += " OR " + column.name + " < " + column.statistics.low->ToSQLString();
      if (column.statistics.high)
        outside += " OR " + column.name + " > " + column.statistics.high->ToSQLString();
      if (!column.nullable) outside += " OR " + column.name + " IS NULL";
    }
    return Query("SELECT count(*) FROM " + name + " WHERE " + outside)->GetValue(0, 0).GetValue<int64_t>();
  }

 private:
  duckdb::DuckDB database_;
  duckdb::Connection connection_;
};

}  // namespace planaria::connector
