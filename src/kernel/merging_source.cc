#include "kernel/merging_source.h"

#include <algorithm>
#include <cstring>

#include "duckdb/function/create_sort_key.hpp"
#include "kernel/page_codec.h"
#include "kernel/task_state.h"

namespace planaria::kernel {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::Vector;

namespace {

/// One producer's sorted rows, a chunk at a time, with a byte string per row that compares as the row does.
class Run {
 public:
  Run(std::shared_ptr<ExchangeInput> input, const duckdb::vector<LogicalType>& types,
      const std::vector<MergeKey>& keys)
      : input_(std::move(input)), keys_(keys), reader_(types) {
    chunk_.Initialize(duckdb::Allocator::DefaultAllocator(), types);
  }

  /// Goes to the next chunk; false at the end of the run.
  bool Refill() {
    row_ = 0;
    while (true) {
      chunk_.Reset();
      if (has_page_ && reader_.Next(chunk_)) break;
      auto page = input_->Next();
      if (!page) return false;
      reader_.Load(std::move(*page));
      has_page_ = true;
    }
    DataChunk key_columns;
    duckdb::vector<LogicalType> key_types;
    duckdb::vector<duckdb::OrderModifiers> modifiers;
    for (const MergeKey& key : keys_) {
      key_types.push_back(chunk_.data[key.column].GetType());
      modifiers.emplace_back(key.order, key.nulls);
    }
    key_columns.InitializeEmpty(key_types);
    for (size_t i = 0; i < keys_.size(); i++) key_columns.data[i].Reference(chunk_.data[keys_[i].column]);
    key_columns.SetCardinality(chunk_.size());
    sort_keys_ = std::make_unique<Vector>(LogicalType::BLOB);
    duckdb::CreateSortKeyHelpers::CreateSortKey(key_columns, modifiers, *sort_keys_);
    sort_keys_->Flatten(chunk_.size());
    return true;
  }

  const string_t& key() const { return duckdb::FlatVector::GetData<string_t>(*sort_keys_)[row_]; }
  DataChunk& chunk() { return chunk_; }
  idx_t row() const { return row_; }
  /// False when the chunk is used up.
  bool Advance() { return ++row_ < chunk_.size(); }

 private:
  std::shared_ptr<ExchangeInput> input_;
  const std::vector<MergeKey>& keys_;
  PageReader reader_;
  bool has_page_ = false;
  DataChunk chunk_;
  std::unique_ptr<Vector> sort_keys_;
  idx_t row_ = 0;
};

bool Less(const string_t& left, const string_t& right) {
  const size_t common = std::min(left.GetSize(), right.GetSize());
  const int order = std::memcmp(left.GetData(), right.GetData(), common);
  return order != 0 ? order < 0 : left.GetSize() < right.GetSize();
}

struct MergeState : duckdb::GlobalSourceState {
  std::shared_ptr<TaskContext> task;
  std::vector<std::unique_ptr<Run>> runs;
  /// Indexes of runs with rows left, a heap with the smallest key on top.
  std::vector<size_t> heap;
  bool started = false;

  bool After(size_t left, size_t right) const { return Less(runs[right]->key(), runs[left]->key()); }

  void Start() {
    for (size_t i = 0; i < runs.size(); i++) {
      if (runs[i]->Refill()) heap.push_back(i);
    }
    std::make_heap(heap.begin(), heap.end(), [&](size_t left, size_t right) { return After(left, right); });
    started = true;
  }
};

}  // namespace

PhysicalMergingSource::PhysicalMergingSource(duckdb::PhysicalPlan& plan, duckdb::vector<LogicalType> types,
                                             uint32_t exchange_id, duckdb::vector<LogicalType> page_types,
                                             duckdb::vector<idx_t> output_columns, std::vector<MergeKey> keys,
                                             idx_t cardinality)
    : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, std::move(types), cardinality),
      exchange_id_(exchange_id),
      page_types_(std::move(page_types)),
      output_columns_(std::move(output_columns)),
      keys_(std::move(keys)) {}

duckdb::unique_ptr<duckdb::GlobalSourceState> PhysicalMergingSource::GetGlobalSourceState(
    duckdb::ClientContext& context) const {
  auto state = duckdb::make_uniq<MergeState>();
  state->task = TaskState::Of(context);
  if (!state->task || !state->task->runs.contains(exchange_id_)) {
    throw duckdb::InternalException("the task has no runs for exchange %llu", uint64_t{exchange_id_});
  }
  state->task->Guard([&] {
    for (auto& input : state->task->runs.at(exchange_id_)()) {
      state->runs.push_back(std::make_unique<Run>(std::move(input), page_types_, keys_));
    }
  });
  return state;
}

duckdb::SourceResultType PhysicalMergingSource::GetDataInternal(duckdb::ExecutionContext&, DataChunk& chunk,
                                                                duckdb::OperatorSourceInput& input) const {
  auto& state = input.global_state.Cast<MergeState>();
  return state.task->Guard([&] {
    if (!state.started) state.Start();
    const auto after = [&](size_t left, size_t right) { return state.After(left, right); };
    idx_t filled = 0;
    while (filled < STANDARD_VECTOR_SIZE && !state.heap.empty()) {
      std::pop_heap(state.heap.begin(), state.heap.end(), after);
      Run& run = *state.runs[state.heap.back()];
      // Rows of this run that come before every other run's next row are copied at once.
      const idx_t begin = run.row();
      bool more = true;
      do {
        more = run.Advance();
      } while (more && filled + run.row() - begin < STANDARD_VECTOR_SIZE &&
               (state.heap.size() == 1 || !Less(state.runs[state.heap.front()]->key(), run.key())));
      const idx_t end = run.row();
      for (size_t i = 0; i < output_columns_.size(); i++) {
        duckdb::VectorOperations::Copy(run.chunk().data[output_columns_[i]], chunk.data[i], end, begin,
                                       filled);
      }
      filled += end - begin;
      if (more || run.Refill()) {
        std::push_heap(state.heap.begin(), state.heap.end(), after);
      } else {
        state.heap.pop_back();
      }
    }
    chunk.SetCardinality(filled);
    return filled == 0 ? duckdb::SourceResultType::FINISHED : duckdb::SourceResultType::HAVE_MORE_OUTPUT;
  });
}

}  // namespace planaria::kernel
