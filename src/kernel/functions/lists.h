// Lists of any element type, for functions that only compare elements and move them about.
//
// Elements are compared by DuckDB's sort keys: bytes that order as the values do, whatever their type; NULLs
// are equal and last. Results are rows of indexes into the elements, copied at once.
#pragma once

#include <string_view>
#include <vector>

#include "duckdb/common/types/vector.hpp"
#include "duckdb/function/scalar_function.hpp"

namespace planaria::kernel {

/// The lists of a vector of ARRAY or MAP over one common run of elements.
class Lists {
 public:
  Lists(duckdb::Vector& vector, duckdb::idx_t rows);

  bool IsNull(duckdb::idx_t row) const { return !format_.validity.RowIsValid(format_.sel->get_index(row)); }
  duckdb::list_entry_t At(duckdb::idx_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format_)[format_.sel->get_index(row)];
  }
  duckdb::Vector& elements() const { return elements_; }
  duckdb::idx_t element_count() const { return element_count_; }

 private:
  duckdb::UnifiedVectorFormat format_;
  duckdb::Vector& elements_;
  duckdb::idx_t element_count_;
};

/// Sort keys and NULLs of the first `count` values of a vector.
class SortKeys {
 public:
  SortKeys(duckdb::Vector& values, duckdb::idx_t count);

  std::string_view operator[](duckdb::idx_t index) const { return keys_[index]; }
  bool IsNull(duckdb::idx_t index) const {
    return !format_.validity.RowIsValid(format_.sel->get_index(index));
  }

 private:
  duckdb::Vector blobs_;
  duckdb::UnifiedVectorFormat format_;
  std::vector<std::string_view> keys_;
};

/// The values of two vectors of one type, one after the other.
duckdb::Vector Joined(duckdb::Vector& first, duckdb::idx_t first_count, duckdb::Vector& second,
                      duckdb::idx_t second_count);

/// Builds a column of lists, row by row: Take elements, then End the row or make it NULL.
class ListBuilder {
 public:
  explicit ListBuilder(duckdb::Vector& result);

  void Take(duckdb::idx_t index) { taken_.push_back(static_cast<duckdb::sel_t>(index)); }
  void End(duckdb::idx_t row);
  void EndNull(duckdb::idx_t row);
  /// Copies what was taken out of `elements`.
  void Finish(duckdb::Vector& elements);

 private:
  duckdb::Vector& result_;
  std::vector<duckdb::sel_t> taken_;
  duckdb::idx_t begin_ = 0;
};

/// `target` gets `source` at `indexes`, from its row 0 on.
void CopyAt(duckdb::Vector& source, const std::vector<duckdb::sel_t>& indexes, duckdb::Vector& target);

}  // namespace planaria::kernel
