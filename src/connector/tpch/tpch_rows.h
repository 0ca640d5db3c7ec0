// Rows of one table, column by column: what the page sources of the tables share.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/connector.h"
#include "connector/tpch/tpch_scale.h"
#include "connector/tpch/tpch_schema.h"
#include "connector/tpch/tpch_streams.h"

namespace planaria::connector::tpch {

/// Units [first, end) of a table, 0-based (see UnitsOf).
struct UnitRange {
  int64_t first = 0, end = 0;
};

/// Page source of `columns` (positions in ColumnsOf) for the units of `range`, which must lie within the
/// table.
std::unique_ptr<PageSource> OpenRows(TableId table, const Scale& scale, UnitRange range,
                                     std::vector<uint32_t> columns);

template <class T, class F>
void WriteColumn(duckdb::Vector& vector, duckdb::idx_t count, F value_at) {
  T* values = duckdb::FlatVector::GetData<T>(vector);
  for (duckdb::idx_t i = 0; i < count; i++) values[i] = value_at(i);
}

/// `cents_at` gives hundredths; the vector's type decides between double and decimal.
template <class F>
void WriteMoney(duckdb::Vector& vector, duckdb::idx_t count, F cents_at) {
  if (vector.GetType().id() == duckdb::LogicalTypeId::DOUBLE) {
    WriteColumn<double>(vector, count,
                        [&](duckdb::idx_t i) { return static_cast<double>(cents_at(i)) / 100; });
  } else {
    WriteColumn<int64_t>(vector, count, cents_at);
  }
}

/// `day_at` counts from 1992-01-01.
template <class F>
void WriteDate(duckdb::Vector& vector, duckdb::idx_t count, F day_at) {
  WriteColumn<int32_t>(vector, count,
                       [&](duckdb::idx_t i) { return static_cast<int32_t>(8035 + day_at(i)); });
}

/// `tag` and at least nine digits.
duckdb::string_t NumberedName(duckdb::Vector& vector, std::string_view tag, int64_t number);
/// Ten to forty characters from a stream with nine draws a row.
duckdb::string_t Address(duckdb::Vector& vector, const RowStream& stream);
duckdb::string_t Phone(duckdb::Vector& vector, int64_t nation, const RowStream& stream);
/// Price of a part in cents.
inline int64_t RetailPrice(int64_t part) { return 90000 + part / 10 % 20001 + part % 1000 * 100; }

/// Tables with a row a unit.
class UnitRows : public PageSource {
 public:
  UnitRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns)
      : scale_(scale), next_(range.first), end_(range.end), columns_(std::move(columns)) {}

  void Next(duckdb::DataChunk& chunk) final {
    auto count = static_cast<duckdb::idx_t>(std::min<int64_t>(STANDARD_VECTOR_SIZE, end_ - next_));
    for (size_t i = 0; i < columns_.size(); i++) FillColumn(columns_[i], chunk.data[i], count);
    next_ += static_cast<int64_t>(count);
    chunk.SetCardinality(count);
  }

 protected:
  /// The values of `column` for `count` rows from next() on.
  virtual void FillColumn(uint32_t column, duckdb::Vector& vector, duckdb::idx_t count) = 0;

  const Scale& scale() const { return scale_; }
  int64_t next() const { return next_; }
  RowStream Stream(StreamId id) const { return RowStream(id, static_cast<uint64_t>(next_)); }

  /// Writes value_at(stream) for each row, the stream at that row.
  template <class T, class F>
  void WriteDrawn(StreamId id, duckdb::Vector& vector, duckdb::idx_t count, F value_at) const {
    RowStream stream = Stream(id);
    WriteColumn<T>(vector, count, [&](duckdb::idx_t) {
      T value = value_at(stream);
      stream.NextRow();
      return value;
    });
  }

 private:
  Scale scale_;
  int64_t next_, end_;
  std::vector<uint32_t> columns_;
};

std::unique_ptr<PageSource> OpenLineitem(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenOrders(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenPart(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenPartsupp(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenCustomer(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenSupplier(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenNation(const Scale&, UnitRange, std::vector<uint32_t> columns);
std::unique_ptr<PageSource> OpenRegion(const Scale&, UnitRange, std::vector<uint32_t> columns);

}  // namespace planaria::connector::tpch
