#include "connector/tpcds/tpcds_rows.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "connector/tpcds/dsdgen_copy.h"
#include "connector/tpcds/tpcds_columns.h"
#include "connector/tpcds/tpcds_schema.h"

namespace planaria::connector::tpcds {

namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::Vector;

void WriteNumber(Vector& vector, idx_t row, int64_t value) {
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      duckdb::FlatVector::GetData<int16_t>(vector)[row] = static_cast<int16_t>(value);
      break;
    case duckdb::PhysicalType::INT32:
      duckdb::FlatVector::GetData<int32_t>(vector)[row] = static_cast<int32_t>(value);
      break;
    case duckdb::PhysicalType::INT64:
      duckdb::FlatVector::GetData<int64_t>(vector)[row] = value;
      break;
    default:
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           "TPC-DS: a number for a column of type " + vector.GetType().ToString());
  }
}

void WriteText(Vector& vector, idx_t row, const std::string& text, size_t least_length) {
  duckdb::string_t stored = duckdb::StringVector::EmptyString(vector, std::max(text.size(), least_length));
  char* data = stored.GetDataWriteable();
  std::memcpy(data, text.data(), text.size());
  std::memset(data + text.size(), ' ', stored.GetSize() - text.size());
  stored.Finalize();
  duckdb::FlatVector::GetData<duckdb::string_t>(vector)[row] = stored;
}

class Rows final : public PageSource, private RowSink {
 public:
  Rows(int table, double factor, size_t width, std::vector<uint32_t> columns)
      : table_(table), columns_(std::move(columns)), first_use_(width, kUnused), generator_(factor, this) {
    repeats_.resize(columns_.size(), kUnused);
    for (uint32_t column : columns_) {
      const sql::Type& type = Definitions()[table].columns[column].second;
      // All of dsdgen's texts are ASCII.
      least_lengths_.push_back(type.Is(sql::TypeKind::kChar) ? static_cast<size_t>(type.precision) : 0);
    }
    for (size_t i = 0; i < columns_.size(); i++) {
      if (first_use_[columns_[i]] == kUnused) {
        first_use_[columns_[i]] = static_cast<int>(i);
      } else {
        repeats_[i] = first_use_[columns_[i]];
      }
    }
    units_ = generator_.Rows(ParentOf(table));
  }

  void Next(DataChunk& chunk) override {
    chunk_ = &chunk;
    row_ = 0;
    for (; row_ < STANDARD_VECTOR_SIZE && !overflow_.empty(); overflow_.pop_front())
      Replay(overflow_.front());
    while (row_ < STANDARD_VECTOR_SIZE && next_unit_ <= units_) Make(next_unit_++);
    for (size_t i = 0; i < columns_.size(); i++) {
      if (repeats_[i] != kUnused) chunk.data[i].Reference(chunk.data[repeats_[i]]);
    }
    chunk.SetCardinality(row_);
    chunk_ = nullptr;
  }

 private:
  static constexpr int kUnused = -1;

  struct Cell {
    enum Kind : uint8_t { kNull, kNumber, kDay, kText } kind = kNull;
    int64_t number = 0;
    std::string text;
  };
  using Row = std::vector<std::pair<int, Cell>>;

  void Make(int64_t index) {
    try {
      generator_.Make(ParentOf(table_), index);
    } catch (const std::runtime_error& failure) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           TableNames()[table_] + ", row " + std::to_string(index) + ": " + failure.what());
    }
  }

  // An order may begin in one chunk and end in the next: rows beyond the chunk wait in overflow_.
  void StartRow(int table) override {
    wanted_ = chunk_ && table == table_;
    column_ = 0;
    if (wanted_ && row_ == STANDARD_VECTOR_SIZE) overflow_.emplace_back();
  }
  void EndRow() override {
    if (wanted_ && row_ < STANDARD_VECTOR_SIZE) row_++;
  }

  void Null() override { Put({}); }
  void Number(int64_t value) override { Put({Cell::kNumber, value, {}}); }
  void Date(int year, int month, int day) override {
    Put({Cell::kDay, duckdb::Date::FromDate(year, month, day).days, {}});
  }
  void Text(const char* value) override {
    if (const int output = Output(); output != kUnused) Store(output, {Cell::kText, 0, value ? value : ""});
  }

  int Output() {
    if (!wanted_) return kUnused;
    return first_use_[column_++];
  }

  void Put(Cell cell) {
    if (const int output = Output(); output != kUnused) Store(output, std::move(cell));
  }

  void Store(int output, Cell cell) {
    if (row_ == STANDARD_VECTOR_SIZE) {
      overflow_.back().emplace_back(output, std::move(cell));
    } else {
      Write(output, cell);
    }
  }

  void Write(int output, const Cell& cell) {
    Vector& vector = chunk_->data[output];
    switch (cell.kind) {
      case Cell::kNull:
        duckdb::FlatVector::SetNull(vector, row_, true);
        break;
      case Cell::kNumber:
        if (vector.GetType().InternalType() == duckdb::PhysicalType::VARCHAR) {  // street numbers
          WriteText(vector, row_, std::to_string(cell.number), least_lengths_[output]);
        } else {
          WriteNumber(vector, row_, cell.number);
        }
        break;
      case Cell::kDay:
        duckdb::FlatVector::GetData<int32_t>(vector)[row_] = static_cast<int32_t>(cell.number);
        break;
      case Cell::kText:
        WriteText(vector, row_, cell.text, least_lengths_[output]);
        break;
    }
  }

  void Replay(const Row& row) {
    for (const auto& [output, cell] : row) Write(output, cell);
    row_++;
  }

  const int table_;
  const std::vector<uint32_t> columns_;
  /// By position in the table: the output that takes the column.
  std::vector<int> first_use_;
  /// By output: an earlier output of the same column.
  std::vector<int> repeats_;
  /// By output: of a char.
  std::vector<size_t> least_lengths_;
  DsdgenCopy generator_;
  int64_t units_ = 0, next_unit_ = 1;
  std::deque<Row> overflow_;

  DataChunk* chunk_ = nullptr;
  idx_t row_ = 0;
  bool wanted_ = false;
  size_t column_ = 0;
};

}  // namespace

std::unique_ptr<PageSource> OpenRows(int table, double factor, size_t width, std::vector<uint32_t> columns) {
  return std::make_unique<Rows>(table, factor, width, std::move(columns));
}

}  // namespace planaria::connector::tpcds
