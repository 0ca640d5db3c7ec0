#include "connector/tpcds/tpcds_schema.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "connector/tpcds/tpcds_columns.h"

namespace planaria::connector::tpcds {

namespace {

// Keys end in the name of what they point at.
struct Reference {
  std::string_view suffix;
  const char* table;
};
constexpr Reference kReferences[] = {{"call_center_sk", "call_center"},
                                     {"catalog_page_sk", "catalog_page"},
                                     {"customer_sk", "customer"},
                                     {"addr_sk", "customer_address"},
                                     {"address_sk", "customer_address"},
                                     {"cdemo_sk", "customer_demographics"},
                                     {"hdemo_sk", "household_demographics"},
                                     {"income_band_sk", "income_band"},
                                     {"item_sk", "item"},
                                     {"promo_sk", "promotion"},
                                     {"reason_sk", "reason"},
                                     {"ship_mode_sk", "ship_mode"},
                                     {"store_sk", "store"},
                                     {"time_sk", "time_dim"},
                                     {"warehouse_sk", "warehouse"},
                                     {"web_page_sk", "web_page"},
                                     {"site_sk", "web_site"}};

std::optional<double> DistinctOf(const std::string& column, int table, size_t position, double rows,
                                 const std::vector<int64_t>& units) {
  const bool fact = ParentOf(table) != table || RowsOfUnit(table) > 1 || TableNames()[table] == "inventory";
  if (!fact && position == 0) return rows;
  auto ends_with = [&](std::string_view suffix) {
    return column.size() >= suffix.size() &&
           std::string_view(column).substr(column.size() - suffix.size()) == suffix;
  };
  if (ends_with("_date_sk")) return std::min(rows, 1900.0);
  if (ends_with("ticket_number") || ends_with("order_number")) {
    return std::min(rows, static_cast<double>(units[ParentOf(table)]));
  }
  for (const Reference& reference : kReferences) {
    if (ends_with(reference.suffix))
      return std::min(rows, static_cast<double>(units[*TableOf(reference.table)]));
  }
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& TableNames() {
  static const auto* names = [] {
    auto* list = new std::vector<std::string>;
    for (const Definition& definition : Definitions()) list->push_back(definition.table);
    return list;
  }();
  return *names;
}

std::optional<int> TableOf(const std::string& name) {
  const auto& names = TableNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<int>(found - names.begin());
}

int ParentOf(int table) {
  const bool returns = table == kCatalogReturns || table == kStoreReturns || table == kWebReturns;
  return returns ? table + 1 : table;
}

double RowsOfUnit(int table) {
  switch (table) {
    case kStoreSales:
    case kWebSales:
      return 12;
    case kCatalogSales:
      return 9;
    case kStoreReturns:
    case kWebReturns:
      return 1.2;
    case kCatalogReturns:
      return 0.9;
    default:
      return 1;
  }
}

std::vector<Column> ColumnsOf(int table, const std::vector<int64_t>& units) {
  const double rows = static_cast<double>(units[ParentOf(table)]) * RowsOfUnit(table);
  std::vector<Column> columns;
  for (const auto& [name, type] : Definitions()[table].columns) {
    Column column{name, type.IsText() ? duckdb::LogicalType::VARCHAR : *kernel::StoredType(type)};
    column.declared = type;
    column.statistics.distinct_values = DistinctOf(name, table, columns.size(), rows, units);
    columns.push_back(std::move(column));
  }
  return columns;
}

std::optional<double> FactorOfSchema(const std::string& name) {
  if (name == "tiny") return 0.01;
  if (name.size() < 3 || name.compare(0, 2, "sf") != 0) return std::nullopt;
  double factor;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + 2, end, factor, std::chars_format::fixed);
  if (error != std::errc() || stopped != end || !(factor > 0 && factor <= 777)) return std::nullopt;
  return factor;
}

std::vector<std::string> ListedSchemas() { return {"sf1", "sf10", "sf100", "sf300", "tiny"}; }

}  // namespace planaria::connector::tpcds
