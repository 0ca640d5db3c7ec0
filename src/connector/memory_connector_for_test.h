// A connector over rows held in memory, for tests: schema `s`, table `numbers` (n bigint, half double, name
// varchar), each split a range of n.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "connector/connector.h"

namespace planaria::connector {

class NumbersTable : public Table {
 public:
  NumbersTable(int64_t rows, int64_t rows_per_split) : rows_(rows), rows_per_split_(rows_per_split) {
    columns_.push_back({"n", duckdb::LogicalType::BIGINT, false, {}});
    columns_[0].statistics.low = duckdb::Value::BIGINT(0);
    columns_[0].statistics.high = duckdb::Value::BIGINT(rows - 1);
    columns_[0].statistics.distinct_values = static_cast<double>(rows);
    columns_.push_back({"half", duckdb::LogicalType::DOUBLE, true, {}});
    columns_.push_back({"name", duckdb::LogicalType::VARCHAR, true, {}});
  }
  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return static_cast<uint64_t>(rows_); }

  std::vector<Split> Splits(duckdb::ClientContext&, const ScanRequest&) const override {
    std::vector<Split> splits;
    for (int64_t begin = 0; begin < rows_; begin += rows_per_split_) {
      const int64_t end = std::min(rows_, begin + rows_per_split_);
      splits.push_back(
          {std::to_string(begin) + " " + std::to_string(end), static_cast<uint64_t>(end - begin), 0});
    }
    return splits;
  }

  std::unique_ptr<PageSource> Open(duckdb::ClientContext&, const Split& split,
                                   const ScanRequest& request) const override {
    size_t used = 0;
    const int64_t begin = std::stoll(split.payload, &used);
    return std::make_unique<Source>(begin, std::stoll(split.payload.substr(used)), request.columns);
  }

 private:
  class Source : public PageSource {
   public:
    Source(int64_t begin, int64_t end, std::vector<uint32_t> columns)
        : next_(begin), end_(end), columns_(std::move(columns)) {}
    void Next(duckdb::DataChunk& chunk) override {
      const auto rows = static_cast<duckdb::idx_t>(std::min<int64_t>(end_ - next_, STANDARD_VECTOR_SIZE));
      for (duckdb::idx_t row = 0; row < rows; ++row, ++next_) {
        for (size_t i = 0; i < columns_.size(); ++i) chunk.SetValue(i, row, ValueOf(columns_[i]));
      }
      chunk.SetCardinality(rows);
    }

   private:
    duckdb::Value ValueOf(uint32_t column) const {
      switch (column) {
        case 0:
          return duckdb::Value::BIGINT(next_);
        case 1:
          return duckdb::Value::DOUBLE(static_cast<double>(next_) / 2);
        default:
          return next_ % 3 == 0 ? duckdb::Value(duckdb::LogicalType::VARCHAR)
                                : duckdb::Value("name " + std::to_string(next_ % 10));
      }
    }
    int64_t next_;
    const int64_t end_;
    const std::vector<uint32_t> columns_;
  };

  const int64_t rows_, rows_per_split_;
  std::vector<Column> columns_;
};

class NumbersConnector : public Connector {
 public:
  explicit NumbersConnector(int64_t rows = 10000, int64_t rows_per_split = 1000)
      : table_(std::make_shared<NumbersTable>(rows, rows_per_split)) {}
  std::vector<std::string> ListSchemas() const override { return {"s"}; }
  std::vector<std::string> ListTables(const std::string& schema) const override {
    return schema == "s" ? std::vector<std::string>{"numbers"} : std::vector<std::string>{};
  }
  std::shared_ptr<const Table> GetTable(duckdb::ClientContext&, const std::string& schema,
                                        const std::string& table) const override {
    return schema == "s" && table == "numbers" ? table_ : nullptr;
  }

 private:
  const std::shared_ptr<const Table> table_;
};

}  // namespace planaria::connector
