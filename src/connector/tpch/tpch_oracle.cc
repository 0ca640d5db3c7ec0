#include "connector/tpch/tpch_oracle.h"

#include <limits>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/connector.h"
#include "connector/tpch/tpch_schema.h"
#include "duckdb.hpp"
#include "kernel/duckdb_errors.h"
#include "kernel/json_rows.h"

namespace planaria::connector {

struct TpchOracle::Database {
  // Without a place to spill, so that nothing appears in the working directory.
  static duckdb::DBConfig* WithoutSpilling(duckdb::DBConfig& config) {
    config.SetOptionByName("temp_directory", duckdb::Value(""));
    return &config;
  }

  Database() : duckdb(nullptr, WithoutSpilling(config)), connection(duckdb) {}

  std::unique_ptr<duckdb::MaterializedQueryResult> Query(const std::string& sql) {
    auto result = connection.Query(sql);
    if (result->HasError()) throw TrinoException(kernel::TranslateError(result->GetErrorObject()));
    return std::unique_ptr<duckdb::MaterializedQueryResult>(result.release());
  }

  duckdb::DBConfig config;
  duckdb::DuckDB duckdb;
  duckdb::Connection connection;
};

TpchOracle::TpchOracle() : database_(std::make_unique<Database>()) {}
TpchOracle::~TpchOracle() = default;

void TpchOracle::Load(const std::string& schema, const TableLoaded& loaded) {
  AttachCatalog(*database_->duckdb.instance, "tpch",
                CreateConnector("tpch", {{"connector.name", "tpch"},
                                         {"tpch.column-naming", "STANDARD"},
                                         {"tpch.double-type-mapping", "DECIMAL"}}));
  for (const std::string& table : tpch::TableNames()) {
    auto result =
        database_->Query("CREATE TABLE " + table + " AS SELECT * FROM tpch.\"" + schema + "\"." + table);
    loaded(table, result->GetValue(0, 0).GetValue<uint64_t>());
  }
  database_->Query("DETACH tpch");
}

std::string TpchOracle::Rows(const std::string& sql) {
  auto result = database_->Query(sql);
  const kernel::JsonRowWriter writer(result->types);
  std::string rows;
  while (auto chunk = result->Fetch()) {
    if (chunk->size() == 0) break;
    writer.Append(*chunk, 0, std::numeric_limits<size_t>::max(), &rows);
  }
  return "[" + rows + "]";
}

}  // namespace planaria::connector
