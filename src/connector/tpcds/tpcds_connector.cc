#include "connector/tpcds/tpcds_connector.h"

#include <charconv>
#include <utility>

#include "base/error.h"
#include "connector/tpcds/dsdgen_copy.h"
#include "connector/tpcds/tpcds_rows.h"
#include "connector/tpcds/tpcds_schema.h"

namespace planaria::connector {

namespace tpcds {

namespace {

void CheckProperties(const std::string& catalog, const std::map<std::string, std::string>& properties) {
  auto fail = [&](const std::string& why) {
    throw TrinoException(errors::CONFIGURATION_INVALID, "Catalog '" + catalog + "': " + why);
  };
  for (const auto& [key, value] : properties) {
    if (key == "tpcds.splits-per-node") {
      int32_t number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc() || end != value.data() + value.size() || number < 1) {
        fail("property '" + key + "' = '" + value + "' must be a positive integer");
      }
    } else if (key == "tpcds.with-no-sexism") {
      if (!duckdb::StringUtil::CIEquals(value, "false")) {
        fail("property '" + key + "' = '" + value + "' is not supported, only false is");
      }
    } else if (key != "connector.name") {
      fail("unknown property '" + key + "'");
    }
  }
}

class TpcdsTable final : public Table {
 public:
  TpcdsTable(int table, double factor, const std::vector<int64_t>& units)
      : table_(table),
        factor_(factor),
        columns_(ColumnsOf(table, units)),
        rows_(static_cast<uint64_t>(static_cast<double>(units[ParentOf(table)]) * RowsOfUnit(table))) {}

  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return rows_; }

  std::vector<Split> Splits(duckdb::ClientContext&, const ScanRequest&) const override {
    return {{kPayload, rows_, 0}};
  }

  std::unique_ptr<PageSource> Open(duckdb::ClientContext&, const Split& split,
                                   const ScanRequest& request) const override {
    if (split.payload != kPayload) {
      throw TrinoException(
          errors::GENERIC_INTERNAL_ERROR,
          "Split '" + split.payload + "' is not one of TPC-DS table " + TableNames()[table_]);
    }
    for (uint32_t column : request.columns) {
      if (column >= columns_.size()) {
        throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "TPC-DS table " + TableNames()[table_] +
                                                                 " has no column " + std::to_string(column));
      }
    }
    return OpenRows(table_, factor_, columns_.size(), request.columns);
  }

 private:
  static constexpr const char* kPayload = "all";

  const int table_;
  const double factor_;
  const std::vector<Column> columns_;
  const uint64_t rows_;
};

class TpcdsConnector final : public Connector {
 public:
  std::vector<std::string> ListSchemas() const override { return ListedSchemas(); }

  std::vector<std::string> ListTables(const std::string& schema) const override {
    return FactorOfSchema(schema) ? TableNames() : std::vector<std::string>{};
  }

  std::shared_ptr<const Table> GetTable(duckdb::ClientContext&, const std::string& schema,
                                        const std::string& table) const override {
    const std::optional<double> factor = FactorOfSchema(schema);
    const std::optional<int> number = TableOf(table);
    if (!factor || !number) return nullptr;
    DsdgenCopy generator(*factor, nullptr);
    std::vector<int64_t> units;
    for (int i = 0; i < kTables; i++) units.push_back(generator.Rows(i));
    return std::make_shared<TpcdsTable>(*number, *factor, units);
  }
};

}  // namespace

}  // namespace tpcds

std::shared_ptr<const Connector> CreateTpcdsConnector(const std::string& catalog,
                                                      const std::map<std::string, std::string>& properties) {
  tpcds::CheckProperties(catalog, properties);
  return std::make_shared<tpcds::TpcdsConnector>();
}

}  // namespace planaria::connector
