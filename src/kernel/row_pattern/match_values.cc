#include "kernel/row_pattern/match_values.h"

#include <algorithm>
#include <cstring>

#include "duckdb/common/vector_operations/vector_operations.hpp"

namespace planaria::kernel {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::PhysicalType;
using duckdb::string_t;
using duckdb::Vector;
using Slot = sql::PatternSlot;

namespace {

template <typename T>
void Set(Vector& target, idx_t to, T value) {
  FlatVector::GetData<T>(target)[to] = value;
  FlatVector::Validity(target).SetValid(to);
}

}  // namespace

void PutValue(Vector& source, idx_t from, Vector& target, idx_t to) {
  const PhysicalType type = source.GetType().InternalType();
  if (FlatVector::IsNull(source, from)) {
    FlatVector::SetNull(target, to, true);
  } else if (type == PhysicalType::VARCHAR) {
    Set(target, to, FlatVector::GetData<string_t>(source)[from]);
  } else if (duckdb::TypeIsConstantSize(type)) {
    const idx_t size = duckdb::GetTypeIdSize(type);
    std::memcpy(FlatVector::GetData(target) + to * size, FlatVector::GetData(source) + from * size, size);
    FlatVector::Validity(target).SetValid(to);
  } else {
    duckdb::VectorOperations::Copy(source, target, from + 1, from, to);
  }
}

ValueChunk::ValueChunk(duckdb::ClientContext& context, const duckdb::vector<LogicalType>& types) {
  if (!types.empty()) chunk_.Initialize(context, types);
  nested_ = std::any_of(types.begin(), types.end(), [](const LogicalType& type) { return type.IsNested(); });
}

void ValueChunk::Clear() {
  if (nested_) chunk_.Reset();
}

MatchValues::MatchValues(duckdb::ClientContext& context, const BoundPattern& pattern) : pattern_(pattern) {
  duckdb::vector<LogicalType> inputs = pattern.columns;
  inputs.push_back(LogicalType::VARCHAR);
  inputs.push_back(LogicalType::BIGINT);
  inputs.insert(inputs.end(), pattern.arguments.begin(), pattern.arguments.end());
  for (const auto& bound : pattern.aggregates) {
    Aggregate& aggregate = aggregates_.emplace_back();
    if (bound) aggregate.value = std::make_unique<MatchAggregate>(context, *bound, inputs);
  }
}

void MatchValues::SetInput(std::vector<Vector*> columns, std::vector<Vector*> arguments) {
  columns_ = std::move(columns);
  arguments_ = std::move(arguments);
}

void MatchValues::SetPartition(std::vector<duckdb::sel_t> rows, idx_t argument) {
  rows_ = std::move(rows);
  argument_ = argument;
  for (Aggregate& aggregate : aggregates_) {
    if (aggregate.value && aggregate.taken > 0) aggregate.value->Clear();
    aggregate.taken = 0;
  }
}

void MatchValues::SetMatchNumber(int64_t number) {
  number_ = number;
  for (Aggregate& aggregate : aggregates_) {
    if (aggregate.taken == 0 || !aggregate.value->bound().Uses(pattern_.inputs.match_number())) continue;
    aggregate.value->Clear();
    aggregate.taken = 0;
  }
}

void MatchValues::PutLabel(size_t label, Vector& target, idx_t to) const {
  const std::string& name = pattern_.program.labels[label];
  Set(target, to, string_t(name.data(), static_cast<uint32_t>(name.size())));
}

void MatchValues::PutAt(const Slot& slot, int64_t row, Vector& target, idx_t to) {
  if (slot.kind == Slot::Kind::kArgument) return PutValue(*arguments_[slot.index], argument_, target, to);
  if (row < 0 || static_cast<size_t>(row) >= rows_.size()) return FlatVector::SetNull(target, to, true);
  PutValue(*columns_[slot.index], rows_[static_cast<size_t>(row)], target, to);
}

void MatchValues::Put(size_t index, const PatternMatch& match, size_t row, Vector& target, idx_t to) {
  const Slot& slot = pattern_.program.slots[index];
  switch (slot.kind) {
    case Slot::Kind::kMatchNumber:
      return Set(target, to, number_);
    case Slot::Kind::kArgument:
      return PutAt(slot, 0, target, to);
    case Slot::Kind::kAggregate: {
      Aggregate& aggregate = aggregates_[index];
      Take(aggregate, slot, match,
           slot.final_rows ? match.CountOf(slot.rows) : match.CountUpTo(slot.rows, row));
      return aggregate.value->ValueTo(target, to);
    }
    case Slot::Kind::kColumn:
    case Slot::Kind::kClassifier:
      break;
  }
  const auto found = match.Resolve(slot, row, rows_.size());
  if (found && slot.kind == Slot::Kind::kColumn) {
    PutAt(slot, static_cast<int64_t>(*found), target, to);
  } else if (found && match.Holds(*found)) {
    PutLabel(match.LabelOf(*found), target, to);
  } else {
    FlatVector::SetNull(target, to, true);
  }
}

void MatchValues::Take(Aggregate& aggregate, const Slot& slot, const PatternMatch& match, size_t count) {
  const bool other = aggregate.taken > count || aggregate.hash != match.HashOf(slot.rows, aggregate.taken);
  if (aggregate.taken > 0 && other) {
    aggregate.value->Clear();
    aggregate.taken = 0;
  }
  const std::vector<size_t>& uses = aggregate.value->bound().uses;
  while (aggregate.taken < count) {
    const size_t rows = std::min<size_t>(count - aggregate.taken, STANDARD_VECTOR_SIZE);
    duckdb::DataChunk& chunk = aggregate.value->NextRows();
    for (size_t i = 0; i < rows; ++i) {
      const size_t row = match.RowOf(slot.rows, aggregate.taken + i);
      for (size_t use = 0; use < uses.size(); ++use) {
        Vector& target = chunk.data[use];
        const RowInputs& inputs = pattern_.inputs;
        if (uses[use] < inputs.columns) {
          PutValue(*columns_[uses[use]], rows_[row], target, i);
        } else if (uses[use] == inputs.classifier()) {
          PutLabel(match.LabelOf(row), target, i);
        } else if (uses[use] == inputs.match_number()) {
          Set(target, i, number_);
        } else {
          PutValue(*arguments_[uses[use] - inputs.argument(0)], argument_, target, i);
        }
      }
    }
    aggregate.value->Take(rows);
    aggregate.taken += rows;
  }
  aggregate.hash = match.HashOf(slot.rows, aggregate.taken);
}

}  // namespace planaria::kernel
