#include "connector/tpch/tpch_schema.h"

#include <algorithm>

namespace planaria::connector::tpch {

namespace {

using duckdb::LogicalType;
using duckdb::Value;

constexpr int32_t kFirstDay = 8035;  // 1992-01-01, in days since 1970

class Builder {
 public:
  Builder(const char* prefix, int64_t rows, const SchemaOptions& options)
      : prefix_(options.standard_names ? prefix : ""), rows_(static_cast<double>(rows)), options_(options) {}

  Builder& Key(const char* name, double distinct, int64_t low, int64_t high) {
    return Add(name, LogicalType::BIGINT, distinct, Value::BIGINT(low), Value::BIGINT(high));
  }
  Builder& Integer(const char* name, double distinct, int32_t low, int32_t high) {
    return Add(name, LogicalType::INTEGER, distinct, Value::INTEGER(low), Value::INTEGER(high));
  }
  /// Bounds in hundredths.
  Builder& Money(const char* name, double distinct, int64_t low, int64_t high) {
    if (!options_.decimals) {
      return Add(name, LogicalType::DOUBLE, distinct, Value::DOUBLE(static_cast<double>(low) / 100),
                 Value::DOUBLE(static_cast<double>(high) / 100));
    }
    return Add(name, LogicalType::DECIMAL(12, 2), distinct, Value::DECIMAL(low, 12, 2),
               Value::DECIMAL(high, 12, 2));
  }
  /// Bounds in days since 1992-01-01.
  Builder& Date(const char* name, int32_t low, int32_t high) {
    return Add(name, LogicalType::DATE, high - low + 1, Value::DATE(duckdb::date_t(kFirstDay + low)),
               Value::DATE(duckdb::date_t(kFirstDay + high)));
  }
  Builder& Text(const char* name, int32_t length, double distinct) {
    Add(name, LogicalType::VARCHAR, distinct, std::nullopt, std::nullopt);
    columns_.back().declared = sql::Type::Varchar(length);
    return *this;
  }
  std::vector<Column> Build() { return std::move(columns_); }

 private:
  Builder& Add(const char* name, LogicalType type, double distinct, std::optional<Value> low,
               std::optional<Value> high) {
    ColumnStatistics statistics{std::min(distinct, rows_), 0.0, std::move(low), std::move(high)};
    columns_.push_back({prefix_ + name, std::move(type), false, std::move(statistics)});
    return *this;
  }

  std::string prefix_;
  double rows_;
  SchemaOptions options_;
  std::vector<Column> columns_;
};

}  // namespace

const std::vector<std::string>& TableNames() {
  static const auto* names = new std::vector<std::string>{"customer", "lineitem", "nation", "orders",
                                                          "part",     "partsupp", "region", "supplier"};
  return *names;
}

std::optional<TableId> TableOf(const std::string& name) {
  const auto& names = TableNames();
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<TableId>(found - names.begin());
}

int64_t RowsOf(TableId table, const Scale& scale) {
  switch (table) {
    case TableId::kLineitem:
      return scale.LineItems();
    case TableId::kPartsupp:
      return scale.parts * 4;
    default:
      return UnitsOf(table, scale);
  }
}

int64_t UnitsOf(TableId table, const Scale& scale) {
  switch (table) {
    case TableId::kCustomer:
      return scale.customers;
    case TableId::kLineitem:
    case TableId::kOrders:
      return scale.orders;
    case TableId::kPart:
    case TableId::kPartsupp:
      return scale.parts;
    case TableId::kSupplier:
      return scale.suppliers;
    case TableId::kNation:
      return 25;
    case TableId::kRegion:
      return 5;
  }
  return 0;
}

std::vector<Column> ColumnsOf(TableId table, const Scale& scale, const SchemaOptions& options) {
  const int64_t rows = RowsOf(table, scale);
  const double count = static_cast<double>(rows);
  const double orders = static_cast<double>(scale.orders), parts = static_cast<double>(scale.parts),
               suppliers = static_cast<double>(scale.suppliers),
               customers = static_cast<double>(scale.customers);
  const int64_t last_order = Scale::OrderKey(scale.orders - 1);
  switch (table) {
    case TableId::kCustomer:
      return Builder("c_", rows, options)
          .Key("custkey", count, 1, rows)
          .Text("name", 25, count)
          .Text("address", 40, count)
          .Key("nationkey", 25, 0, 24)
          .Text("phone", 15, count)
          .Money("acctbal", std::min(count * 0.94, 1.1e6), -99999, 999999)
          .Text("mktsegment", 10, 5)
          .Text("comment", 117, count)
          .Build();
    case TableId::kLineitem:
      return Builder("l_", rows, options)
          .Key("orderkey", orders, 1, last_order)
          .Key("partkey", parts, 1, scale.parts)
          .Key("suppkey", suppliers, 1, scale.suppliers)
          .Integer("linenumber", 7, 1, 7)
          .Money("quantity", 50, 100, 5000)
          .Money("extendedprice", std::min(parts * 5, 1.35e6), 90000, 10495000)
          .Money("discount", 11, 0, 10)
          .Money("tax", 9, 0, 8)
          .Text("returnflag", 1, 3)
          .Text("linestatus", 1, 2)
          .Date("shipdate", 1, 2526)
          .Date("commitdate", 30, 2495)
          .Date("receiptdate", 2, 2556)
          .Text("shipinstruct", 25, 4)
          .Text("shipmode", 10, 7)
          .Text("comment", 44, count * 0.75)
          .Build();
    case TableId::kNation:
      return Builder("n_", rows, options)
          .Key("nationkey", 25, 0, 24)
          .Text("name", 25, 25)
          .Key("regionkey", 5, 0, 4)
          .Text("comment", 152, 25)
          .Build();
    case TableId::kOrders:
      return Builder("o_", rows, options)
          .Key("orderkey", count, 1, last_order)
          .Key("custkey", customers * 2 / 3, 1, scale.customers)
          .Text("orderstatus", 1, 3)
          .Money("totalprice", std::min(count * 0.98, 4e7), 80000, 80000000)
          .Date("orderdate", 0, 2405)
          .Text("orderpriority", 15, 5)
          .Text("clerk", 15, static_cast<double>(scale.clerks))
          .Integer("shippriority", 1, 0, 0)
          .Text("comment", 79, count)
          .Build();
    case TableId::kPart:
      return Builder("p_", rows, options)
          .Key("partkey", count, 1, rows)
          .Text("name", 55, count)
          .Text("mfgr", 25, 5)
          .Text("brand", 10, 25)
          .Text("type", 25, 150)
          .Integer("size", 50, 1, 50)
          .Text("container", 10, 40)
          .Money("retailprice", std::min(count, 1.2e5), 90000, 209900)
          .Text("comment", 23, count * 0.65)
          .Build();
    case TableId::kPartsupp:
      return Builder("ps_", rows, options)
          .Key("partkey", parts, 1, scale.parts)
          .Key("suppkey", suppliers, 1, scale.suppliers)
          .Integer("availqty", 9999, 1, 9999)
          .Money("supplycost", 99901, 100, 100000)
          .Text("comment", 199, count)
          .Build();
    case TableId::kRegion:
      return Builder("r_", rows, options)
          .Key("regionkey", 5, 0, 4)
          .Text("name", 25, 5)
          .Text("comment", 152, 5)
          .Build();
    case TableId::kSupplier:
      return Builder("s_", rows, options)
          .Key("suppkey", count, 1, rows)
          .Text("name", 25, count)
          .Text("address", 40, count)
          .Key("nationkey", 25, 0, 24)
          .Text("phone", 15, count)
          .Money("acctbal", std::min(count, 1.1e6), -99999, 999999)
          .Text("comment", 101, count)
          .Build();
  }
  return {};
}

}  // namespace planaria::connector::tpch
