#include "connector/tpch/tpch_connector.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "connector/tpch/tpch_rows.h"
#include "connector/tpch/tpch_schema.h"

namespace planaria::connector {

namespace tpch {

namespace {

struct Config {
  SchemaOptions schema;
  int64_t splits_per_node = 4;
};

class ConfigReader {
 public:
  explicit ConfigReader(const std::string& catalog) : catalog_(catalog) {}

  Config Read(const std::map<std::string, std::string>& properties) const {
    Config config;
    for (const auto& [key, value] : properties) {
      if (key == "tpch.column-naming") {
        config.schema.standard_names = Choose(key, value, "SIMPLIFIED", "STANDARD");
      } else if (key == "tpch.double-type-mapping") {
        config.schema.decimals = Choose(key, value, "DOUBLE", "DECIMAL");
      } else if (key == "tpch.splits-per-node") {
        config.splits_per_node = Positive(key, value);
      } else if (key == "tpch.max-rows-per-page") {
        Positive(key, value);
      } else if (key == "tpch.produce-pages" || key == "tpch.partitioning-enabled" ||
                 key == "tpch.predicate-pushdown-enabled") {
        Choose(key, value, "FALSE", "TRUE");
      } else if (key != "connector.name" && key != "tpch.table-scan-redirection-catalog" &&
                 key != "tpch.table-scan-redirection-schema") {
        throw TrinoException(errors::CONFIGURATION_INVALID,
                             "Catalog '" + catalog_ + "': unknown property '" + key + "'");
      }
    }
    return config;
  }

 private:
  /// True for `second`; case does not matter.
  bool Choose(const std::string& key, const std::string& value, const char* first, const char* second) const {
    if (duckdb::StringUtil::CIEquals(value, first)) return false;
    if (duckdb::StringUtil::CIEquals(value, second)) return true;
    Fail(key, value, std::string("must be ") + first + " or " + second);
  }

  int64_t Positive(const std::string& key, const std::string& value) const {
    int32_t number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < 1) {
      Fail(key, value, "must be a positive integer");
    }
    return number;
  }

  [[noreturn]] void Fail(const std::string& key, const std::string& value, const std::string& why) const {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         "Catalog '" + catalog_ + "': property '" + key + "' = '" + value + "' " + why);
  }

  const std::string& catalog_;
};

// Payload of a split: "<first unit>:<end unit>", 0-based, end exclusive.
std::string Payload(UnitRange range) { return std::to_string(range.first) + ":" + std::to_string(range.end); }

std::optional<UnitRange> ParsePayload(const std::string& payload, int64_t units) {
  UnitRange range;
  const char* end = payload.data() + payload.size();
  auto [colon, error] = std::from_chars(payload.data(), end, range.first);
  if (error != std::errc() || colon == end || *colon != ':') return std::nullopt;
  auto [rest, error_of_end] = std::from_chars(colon + 1, end, range.end);
  if (error_of_end != std::errc() || rest != end) return std::nullopt;
  if (range.first < 0 || range.first > range.end || range.end > units) return std::nullopt;
  return range;
}

class TpchTable final : public Table {
 public:
  TpchTable(std::string name, TableId id, const Scale& scale, const Config& config)
      : name_(std::move(name)),
        id_(id),
        scale_(scale),
        columns_(ColumnsOf(id, scale, config.schema)),
        rows_(RowsOf(id, scale)),
        units_(UnitsOf(id, scale)),
        fewest_splits_(config.splits_per_node) {}

  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return rows_; }

  std::vector<Split> Splits(duckdb::ClientContext&, const ScanRequest&) const override {
    constexpr int64_t kUnitsOfSplit = 125000, kFewestUnits = 1000, kMostSplits = 4000;
    const int64_t worth_splitting = std::min(fewest_splits_, units_ / kFewestUnits);
    const int64_t by_size = (units_ + kUnitsOfSplit - 1) / kUnitsOfSplit;
    const int64_t count = std::clamp<int64_t>(std::max(by_size, worth_splitting), 1, kMostSplits);
    std::vector<Split> splits;
    for (int64_t i = 0; i < count; i++) {
      // In two steps: units times splits would overflow at the largest scales.
      auto bound = [&](int64_t at) { return units_ / count * at + std::min(at, units_ % count); };
      UnitRange range{bound(i), bound(i + 1)};
      auto rows = static_cast<uint64_t>(static_cast<double>(rows_) / static_cast<double>(units_) *
                                        static_cast<double>(range.end - range.first));
      splits.push_back({Payload(range), rows, 0});
    }
    return splits;
  }

  std::unique_ptr<PageSource> Open(duckdb::ClientContext&, const Split& split,
                                   const ScanRequest& request) const override {
    std::optional<UnitRange> range = ParsePayload(split.payload, units_);
    if (!range) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           "Split '" + split.payload + "' is not one of TPC-H table " + name_);
    }
    for (uint32_t column : request.columns) {
      if (column >= columns_.size()) {
        throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                             "TPC-H table " + name_ + " has no column " + std::to_string(column));
      }
    }
    return OpenRows(id_, scale_, *range, request.columns);
  }

 private:
  const std::string name_;
  const TableId id_;
  const Scale scale_;
  const std::vector<Column> columns_;
  const int64_t rows_, units_, fewest_splits_;
};

class TpchConnector final : public Connector {
 public:
  explicit TpchConnector(const Config& config) : config_(config) {}

  std::vector<std::string> ListSchemas() const override { return Scale::ListedSchemas(); }

  std::vector<std::string> ListTables(const std::string& schema) const override {
    return Scale::OfSchema(schema) ? TableNames() : std::vector<std::string>{};
  }

  std::shared_ptr<const Table> GetTable(duckdb::ClientContext&, const std::string& schema,
                                        const std::string& table) const override {
    std::optional<Scale> scale = Scale::OfSchema(schema);
    std::optional<TableId> id = TableOf(table);
    if (!scale || !id) return nullptr;
    return std::make_shared<TpchTable>(schema + "." + table, *id, *scale, config_);
  }

 private:
  const Config config_;
};

}  // namespace

}  // namespace tpch

std::shared_ptr<const Connector> CreateTpchConnector(const std::string& catalog,
                                                     const std::map<std::string, std::string>& properties) {
  return std::make_shared<tpch::TpchConnector>(tpch::ConfigReader(catalog).Read(properties));
}

}  // namespace planaria::connector
