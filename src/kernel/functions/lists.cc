#include "kernel/functions/lists.h"

#include <algorithm>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/create_sort_key.hpp"

namespace planaria::kernel {

using duckdb::idx_t;
using duckdb::Vector;

Lists::Lists(Vector& vector, idx_t rows)
    : elements_(duckdb::ListVector::GetEntry(vector)),
      element_count_(duckdb::ListVector::GetListSize(vector)) {
  vector.ToUnifiedFormat(rows, format_);
}

SortKeys::SortKeys(Vector& values, idx_t count)
    : blobs_(duckdb::LogicalType::BLOB, std::max<idx_t>(count, 1)) {
  values.ToUnifiedFormat(count, format_);
  duckdb::CreateSortKeyHelpers::CreateSortKey(
      values, count,
      duckdb::OrderModifiers(duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_LAST), blobs_);
  duckdb::UnifiedVectorFormat keys;
  blobs_.ToUnifiedFormat(count, keys);
  const auto* data = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(keys);
  keys_.reserve(count);
  for (idx_t i = 0; i < count; ++i) {
    const duckdb::string_t& key = data[keys.sel->get_index(i)];
    keys_.emplace_back(key.GetData(), key.GetSize());
  }
}

Vector Joined(Vector& first, idx_t first_count, Vector& second, idx_t second_count) {
  Vector joined(first.GetType(), first_count + second_count);
  duckdb::VectorOperations::Copy(first, joined, first_count, 0, 0);
  duckdb::VectorOperations::Copy(second, joined, second_count, 0, first_count);
  return joined;
}

ListBuilder::ListBuilder(Vector& result) : result_(result) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
}

void ListBuilder::End(idx_t row) {
  duckdb::FlatVector::GetData<duckdb::list_entry_t>(result_)[row] = {begin_, taken_.size() - begin_};
  begin_ = taken_.size();
}

void ListBuilder::EndNull(idx_t row) {
  taken_.resize(begin_);
  End(row);
  duckdb::FlatVector::SetNull(result_, row, true);
}

void ListBuilder::Finish(Vector& elements) {
  duckdb::ListVector::Reserve(result_, taken_.size());
  CopyAt(elements, taken_, duckdb::ListVector::GetEntry(result_));
  duckdb::ListVector::SetListSize(result_, taken_.size());
}

void CopyAt(Vector& source, const std::vector<duckdb::sel_t>& indexes, Vector& target) {
  if (indexes.empty()) return;
  const duckdb::SelectionVector selection(const_cast<duckdb::sel_t*>(indexes.data()));
  duckdb::VectorOperations::Copy(source, target, selection, indexes.size(), 0, 0);
}

}  // namespace planaria::kernel
