#include "kernel/row_pattern/matched_rows.h"

#include <algorithm>

#include "duckdb/common/vector_operations/vector_operations.hpp"

namespace planaria::kernel {

namespace {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::ListVector;
using duckdb::LogicalType;
using duckdb::Vector;
using duckdb::VectorOperations;

duckdb::vector<LogicalType> TypesOf(const BoundPattern& pattern) {
  duckdb::vector<LogicalType> types;
  for (const size_t slot : pattern.measure_uses) types.push_back(pattern.slots[slot]);
  return types;
}

}  // namespace

MatchedRows::MatchedRows(duckdb::ClientContext& context, const BoundPattern& pattern, MatchValues& values)
    : pattern_(pattern), values_(values), executor_(context), chunk_(context, TypesOf(pattern)) {
  duckdb::vector<LogicalType> types;
  for (const auto& measure : pattern.measures) {
    executor_.AddExpression(*measure);
    types.push_back(measure->return_type);
  }
  if (!types.empty()) measures_.Initialize(context, types);
}

void MatchedRows::Begin(Vector& lists) {
  lists_ = &lists;
  waiting_.clear();
  matched_.clear();
  matched_count_ = written_ = begin_ = 0;
  chunk_.Clear();
}

void MatchedRows::EndList(idx_t index) {
  const idx_t end = written_ + waiting_.size();
  FlatVector::GetData<duckdb::list_entry_t>(*lists_)[index] = {begin_, end - begin_};
  begin_ = end;
}

void MatchedRows::EndNull(idx_t index) { FlatVector::SetNull(*lists_, index, true); }

void MatchedRows::End() {
  Flush();
  ListVector::SetListSize(*lists_, written_);
}

void MatchedRows::Add(const PatternMatch& match, size_t row) {
  if (waiting_.size() == STANDARD_VECTOR_SIZE) Flush();
  for (size_t i = 0; i < pattern_.measure_uses.size(); ++i) {
    values_.Put(pattern_.measure_uses[i], match, row, chunk_[i], matched_count_);
  }
  ++matched_count_;
  Waits(row, true);
}

void MatchedRows::AddUnmatched(size_t row) {
  if (waiting_.size() == STANDARD_VECTOR_SIZE) Flush();
  Waits(row, false);
}

void MatchedRows::Waits(size_t row, bool matched) {
  waiting_.push_back(values_.PlaceOf(row));
  matched_.push_back(matched);
}

void MatchedRows::Flush() {
  const idx_t rows = waiting_.size();
  if (rows == 0) return;
  ListVector::Reserve(*lists_, written_ + rows);
  auto& fields = duckdb::StructVector::GetEntries(ListVector::GetEntry(*lists_));
  if (!pattern_.measures.empty() && matched_count_ > 0) {
    measures_.Reset();
    executor_.Execute(chunk_.With(matched_count_), measures_);
  }
  for (size_t i = 0; i < pattern_.measures.size(); ++i) {
    Vector& field = *fields[i];
    if (matched_count_ == rows) {
      VectorOperations::Copy(measures_.data[i], field, rows, 0, written_);
      continue;
    }
    idx_t next = 0;
    for (idx_t row = 0; row < rows; ++row) {
      if (matched_[row]) {
        VectorOperations::Copy(measures_.data[i], field, next + 1, next, written_ + row);
        ++next;
      } else {
        FlatVector::SetNull(field, written_ + row, true);
      }
    }
  }
  const duckdb::SelectionVector selected(waiting_.data());
  for (size_t i = 0; i < pattern_.program.columns.size(); ++i) {
    VectorOperations::Copy(values_.column(pattern_.program.columns[i]), *fields[pattern_.measures.size() + i],
                           selected, rows, 0, written_);
  }
  written_ += rows;
  waiting_.clear();
  matched_.clear();
  matched_count_ = 0;
  chunk_.Clear();
}

}  // namespace planaria::kernel
