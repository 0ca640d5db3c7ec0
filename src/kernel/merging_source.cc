#include "kernel/merging_source.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

#include "duckdb/function/create_sort_key.hpp"
#include "kernel/blocking.h"
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

  /// Goes to the next chunk: kPage when there is one, kEnd at the end of the run.
  InputState Refill(TaskContext& task, const Wake& wake) {
    row_ = 0;
    while (true) {
      chunk_.Reset();
      if (has_page_ && reader_.Next(chunk_)) break;
      has_page_ = false;
      Page page;
      const InputState found = input_->Next(page, wake);
      if (found != InputState::kPage) return found;
      task.exchanged_rows += page.rows;
      reader_.Load(std::move(page));
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
    return InputState::kPage;
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
  bool opened = false;
  std::vector<std::unique_ptr<Run>> runs;
  /// Indexes of runs whose next rows must be there before any row can be given.
  std::vector<size_t> awaited;
  /// Indexes of the other runs with rows left, a heap with the smallest key on top.
  std::vector<size_t> heap;
  /// Ends before the runs, which wake who waits for them.
  std::optional<Blocking> blocking;

  bool After(size_t left, size_t right) const { return Less(runs[right]->key(), runs[left]->key()); }

  void Open(ExchangeRuns inputs, const duckdb::vector<LogicalType>& types,
            const std::vector<MergeKey>& keys) {
    for (auto& input : inputs) runs.push_back(std::make_unique<Run>(std::move(input), types, keys));
    awaited.resize(runs.size());
    std::iota(awaited.begin(), awaited.end(), size_t{0});
    opened = true;
  }

  void Push(size_t run) {
    heap.push_back(run);
    std::push_heap(heap.begin(), heap.end(), [&](size_t left, size_t right) { return After(left, right); });
  }

  /// True when no run is awaited any more; otherwise `wake` is kept.
  bool Await(const Wake& wake) {
    while (!awaited.empty()) {
      const InputState found = runs[awaited.back()]->Refill(*task, wake);
      if (found == InputState::kLater) return false;
      if (found == InputState::kPage) Push(awaited.back());
      awaited.pop_back();
    }
    return true;
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
  state->blocking.emplace(*state, state->task);
  return state;
}

duckdb::SourceResultType PhysicalMergingSource::GetDataInternal(duckdb::ExecutionContext&, DataChunk& chunk,
                                                                duckdb::OperatorSourceInput& input) const {
  auto& state = input.global_state.Cast<MergeState>();
  return state.task->Guard([&] {
    const auto outcome = state.blocking->WaitFor(input.interrupt_state, [&](const Wake& wake) {
      if (!state.opened) {
        auto inputs = state.task->runs.at(exchange_id_)(wake);
        if (!inputs) return false;
        state.Open(std::move(*inputs), page_types_, keys_);
      }
      return state.Await(wake);
    });
    if (outcome == Blocking::Outcome::kBlocked) return duckdb::SourceResultType::BLOCKED;
    if (outcome == Blocking::Outcome::kNotAgain) return duckdb::SourceResultType::FINISHED;
    const auto after = [&](size_t left, size_t right) { return state.After(left, right); };
    idx_t filled = 0;
    // What is there goes out before a run is waited for.
    while (filled < STANDARD_VECTOR_SIZE && !state.heap.empty() && state.awaited.empty()) {
      std::pop_heap(state.heap.begin(), state.heap.end(), after);
      const size_t index = state.heap.back();
      state.heap.pop_back();
      Run& run = *state.runs[index];
      // Rows of this run that come before every other run's next row are copied at once.
      const idx_t begin = run.row();
      bool more = true;
      do {
        more = run.Advance();
      } while (more && filled + run.row() - begin < STANDARD_VECTOR_SIZE &&
               (state.heap.empty() || !Less(state.runs[state.heap.front()]->key(), run.key())));
      const idx_t end = run.row();
      for (size_t i = 0; i < output_columns_.size(); i++) {
        duckdb::VectorOperations::Copy(run.chunk().data[output_columns_[i]], chunk.data[i], end, begin,
                                       filled);
      }
      filled += end - begin;
      if (more) {
        state.Push(index);
      } else {
        state.awaited.push_back(index);
        state.Await({});
      }
    }
    chunk.SetCardinality(filled);
    return filled == 0 ? duckdb::SourceResultType::FINISHED : duckdb::SourceResultType::HAVE_MORE_OUTPUT;
  });
}

}  // namespace planaria::kernel
