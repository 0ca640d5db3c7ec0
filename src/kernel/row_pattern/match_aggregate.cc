#include "kernel/row_pattern/match_aggregate.h"

#include <algorithm>
#include <string_view>

#include "duckdb/common/allocator.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/storage/buffer_manager.hpp"

namespace planaria::kernel {

namespace {

using duckdb::AggregateInputData;
using duckdb::data_ptr_t;
using duckdb::data_t;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;

/// `rows` pointers to one state.
Vector PointersTo(std::vector<data_t>& state, idx_t rows) {
  Vector pointers(LogicalType::POINTER, rows);
  auto* const data = duckdb::FlatVector::GetData<data_ptr_t>(pointers);
  for (idx_t i = 0; i < rows; ++i) data[i] = state.data();
  return pointers;
}

/// Of most it is unknown whether a state that has given its value may go on: a heap is sorted for it.
bool GoesOnAfterItsValue(const duckdb::BoundAggregateExpression& call) {
  static constexpr std::string_view kNames[] = {
      "sum", "sum_no_overflow", "count", "count_star", "avg",    "min",
      "max", "array_agg",       "list",  "bool_and",   "bool_or"};
  return call.children.size() <= 1 &&
         std::find(std::begin(kNames), std::end(kNames), call.function.name) != std::end(kNames);
}

}  // namespace

MatchAggregate::State::State(duckdb::ClientContext& context, const duckdb::BoundAggregateExpression& call)
    : call_(call),
      allocator_(duckdb::BufferAllocator::Get(context)),
      copy_allocator_(duckdb::BufferAllocator::Get(context)),
      executor_(context),
      goes_on_(GoesOnAfterItsValue(call)) {
  duckdb::vector<LogicalType> types;
  for (const auto& child : call.children) {
    executor_.AddExpression(*child);
    types.push_back(child->return_type);
  }
  if (!types.empty()) arguments_.Initialize(context, types);
  const idx_t size = call.function.GetStateSizeCallback()(call.function);
  state_.resize(size);
  copy_.resize(size);
  Begin(state_);
}

MatchAggregate::State::~State() { End(state_, allocator_); }

void MatchAggregate::State::Begin(std::vector<data_t>& state) {
  call_.function.GetStateInitCallback()(call_.function, state.data());
}

void MatchAggregate::State::End(std::vector<data_t>& state, duckdb::ArenaAllocator& allocator) {
  if (!call_.function.HasStateDestructorCallback()) return;
  AggregateInputData input(call_.bind_info.get(), allocator);
  Vector pointers = PointersTo(state, 1);
  call_.function.GetStateDestructorCallback()(pointers, input, 1);
}

void MatchAggregate::State::Clear() {
  End(state_, allocator_);
  allocator_.Reset();
  Begin(state_);
}

void MatchAggregate::State::Take(duckdb::DataChunk& rows) {
  AggregateInputData input(call_.bind_info.get(), allocator_);
  if (!call_.children.empty()) {
    arguments_.Reset();
    executor_.Execute(rows, arguments_);
  }
  Vector pointers = PointersTo(state_, rows.size());
  call_.function.GetStateUpdateCallback()(arguments_.data.data(), input, call_.children.size(), pointers,
                                          rows.size());
}

void MatchAggregate::State::ValueTo(Vector& target) {
  Vector taken = PointersTo(state_, 1);
  if (goes_on_) {
    AggregateInputData input(call_.bind_info.get(), allocator_);
    return call_.function.GetStateFinalizeCallback()(taken, input, target, 1, 0);
  }
  copy_allocator_.Reset();
  AggregateInputData input(call_.bind_info.get(), copy_allocator_);
  Begin(copy_);
  Vector copy = PointersTo(copy_, 1);
  call_.function.GetStateCombineCallback()(taken, copy, input, 1);
  call_.function.GetStateFinalizeCallback()(copy, input, target, 1, 0);
  End(copy_, copy_allocator_);
}

MatchAggregate::MatchAggregate(duckdb::ClientContext& context, const BoundAggregates& bound,
                               const duckdb::vector<LogicalType>& inputs)
    : bound_(bound), result_(context, *bound.result) {
  duckdb::vector<LogicalType> used, results;
  for (const size_t input : bound.uses) used.push_back(inputs[input]);
  if (!used.empty()) rows_.Initialize(context, used);
  for (const auto& call : bound.calls) {
    states_.push_back(std::make_unique<State>(context, *call));
    results.push_back(call->return_type);
  }
  values_.Initialize(context, results);
}

void MatchAggregate::Clear() {
  for (auto& state : states_) state->Clear();
}

duckdb::DataChunk& MatchAggregate::NextRows() {
  if (rows_.ColumnCount() > 0) rows_.Reset();
  return rows_;
}

void MatchAggregate::Take(idx_t rows) {
  rows_.SetCardinality(rows);
  for (auto& state : states_) state->Take(rows_);
}

void MatchAggregate::ValueTo(Vector& target, idx_t index) {
  values_.Reset();
  for (size_t i = 0; i < states_.size(); ++i) states_[i]->ValueTo(values_.data[i]);
  values_.SetCardinality(1);
  Vector value(bound_.result->return_type);
  result_.ExecuteExpression(values_, value);
  duckdb::VectorOperations::Copy(value, target, 1, 0, index);
}

}  // namespace planaria::kernel
