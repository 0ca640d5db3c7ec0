#include "kernel/exchange_sink.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "kernel/blocking.h"
#include "kernel/page_codec.h"
#include "kernel/task_state.h"

namespace planaria::kernel {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::SelectionVector;

namespace {

/// A thread's pages together stay within this, however many partitions there are, and on a small node within
/// this share of its memory: they are not the pool's, and a node runs several threads.
constexpr size_t kThreadBufferBytes = 16 << 20;
constexpr size_t kThreadShareOfMemory = 32;
constexpr size_t kLargestPageBytes = 512 << 10;
constexpr size_t kSmallestPageBytes = 32 << 10;

/// DuckDB's hash tables use the hash's low and high bits; partitions take bits of a remixed hash so that the
/// rows of one partition still spread over a whole table.
uint32_t PartitionOf(duckdb::hash_t hash, uint32_t partition_count) {
  const uint64_t mixed = hash * 0x9E3779B97F4A7C15ull;
  return static_cast<uint32_t>(((mixed >> 32) * partition_count) >> 32);
}

struct SinkState : duckdb::GlobalSinkState {
  std::shared_ptr<TaskContext> task;
  std::optional<Blocking> blocking;
  size_t page_bytes = 0;
  std::mutex mutex;
  std::vector<PageBuilder> leftovers;
  std::vector<uint8_t> encoded;
  uint64_t rows = 0;
};

struct SinkThread : duckdb::LocalSinkState {
  std::vector<PageBuilder> pages;
  std::vector<SelectionVector> selections;
  std::vector<idx_t> counts;
  duckdb::unique_ptr<duckdb::ExpressionExecutor> key_executor;
  DataChunk keys;
  std::vector<uint8_t> encoded;
  uint32_t next_partition = 0;
  uint64_t rows = 0;
};

size_t PageBytes(uint32_t partition_count, size_t memory) {
  const size_t buffer = std::min(kThreadBufferBytes, memory / kThreadShareOfMemory);
  return std::clamp(buffer / partition_count, kSmallestPageBytes, kLargestPageBytes);
}

void Flush(PageBuilder& page, std::vector<uint8_t>& encoded, uint32_t partition, TaskContext& task) {
  const uint32_t rows = page.rows();
  if (rows == 0) return;
  page.Finish(encoded);
  task.Guard([&] { task.output->Append(partition, encoded.data(), encoded.size(), rows); });
}

}  // namespace

PhysicalExchangeSink::PhysicalExchangeSink(duckdb::PhysicalPlan& plan,
                                           duckdb::vector<LogicalType> input_types, uint32_t partition_count,
                                           duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys,
                                           bool ordered)
    : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, {LogicalType::BIGINT}, 1),
      input_types_(std::move(input_types)),
      partition_count_(partition_count),
      keys_(std::move(keys)),
      ordered_(ordered) {}

duckdb::unique_ptr<duckdb::GlobalSinkState> PhysicalExchangeSink::GetGlobalSinkState(
    duckdb::ClientContext& context) const {
  auto state = duckdb::make_uniq<SinkState>();
  state->task = TaskState::Of(context);
  if (!state->task || !state->task->output)
    throw duckdb::InternalException("exchange sink outside of a task");
  state->blocking.emplace(*state, state->task);
  state->page_bytes =
      PageBytes(partition_count_, duckdb::BufferManager::GetBufferManager(context).GetMaxMemory());
  for (uint32_t i = 0; i < partition_count_; i++) state->leftovers.emplace_back(input_types_);
  return state;
}

duckdb::unique_ptr<duckdb::LocalSinkState> PhysicalExchangeSink::GetLocalSinkState(
    duckdb::ExecutionContext& context) const {
  auto thread = duckdb::make_uniq<SinkThread>();
  for (uint32_t i = 0; i < partition_count_; i++) thread->pages.emplace_back(input_types_);
  if (!keys_.empty() && partition_count_ > 1) {
    duckdb::vector<LogicalType> key_types;
    thread->key_executor = duckdb::make_uniq<duckdb::ExpressionExecutor>(context.client);
    for (const auto& key : keys_) {
      thread->key_executor->AddExpression(*key);
      key_types.push_back(key->return_type);
    }
    thread->keys.Initialize(duckdb::Allocator::Get(context.client), key_types);
    thread->counts.resize(partition_count_);
    for (uint32_t i = 0; i < partition_count_; i++) thread->selections.emplace_back(STANDARD_VECTOR_SIZE);
  }
  return thread;
}

duckdb::SinkResultType PhysicalExchangeSink::Sink(duckdb::ExecutionContext&, DataChunk& chunk,
                                                  duckdb::OperatorSinkInput& input) const {
  auto& state = input.global_state.Cast<SinkState>();
  auto& thread = input.local_state.Cast<SinkThread>();
  // Before the chunk is taken: a blocked sink gets the same chunk again.
  const auto outcome = state.blocking->WaitFor(
      input.interrupt_state, [&](const Wake& wake) { return !state.task->output->Full(wake); });
  if (outcome == Blocking::Outcome::kBlocked) return duckdb::SinkResultType::BLOCKED;
  if (outcome == Blocking::Outcome::kNotAgain || !state.task->output->Wanted()) {
    return duckdb::SinkResultType::FINISHED;
  }
  thread.rows += chunk.size();
  const ChunkView view(chunk);
  if (!thread.key_executor) {
    const uint32_t partition = thread.next_partition++ % partition_count_;
    PageBuilder& page = thread.pages[partition];
    page.Append(view, nullptr, chunk.size());
    if (page.size_bytes() >= state.page_bytes) Flush(page, thread.encoded, partition, *state.task);
    return duckdb::SinkResultType::NEED_MORE_INPUT;
  }
  thread.keys.Reset();
  thread.key_executor->Execute(chunk, thread.keys);
  duckdb::Vector hashes(LogicalType::HASH);
  thread.keys.Hash(hashes);
  hashes.Flatten(chunk.size());
  const auto* hash = duckdb::FlatVector::GetData<duckdb::hash_t>(hashes);
  std::fill(thread.counts.begin(), thread.counts.end(), 0);
  for (idx_t row = 0; row < chunk.size(); row++) {
    const uint32_t partition = PartitionOf(hash[row], partition_count_);
    thread.selections[partition].set_index(thread.counts[partition]++, row);
  }
  for (uint32_t partition = 0; partition < partition_count_; partition++) {
    if (thread.counts[partition] == 0) continue;
    PageBuilder& page = thread.pages[partition];
    page.Append(view, &thread.selections[partition], thread.counts[partition]);
    if (page.size_bytes() >= state.page_bytes) Flush(page, thread.encoded, partition, *state.task);
  }
  return duckdb::SinkResultType::NEED_MORE_INPUT;
}

duckdb::SinkCombineResultType PhysicalExchangeSink::Combine(duckdb::ExecutionContext&,
                                                            duckdb::OperatorSinkCombineInput& input) const {
  auto& state = input.global_state.Cast<SinkState>();
  auto& thread = input.local_state.Cast<SinkThread>();
  const std::lock_guard lock(state.mutex);
  state.rows += thread.rows;
  for (uint32_t partition = 0; partition < partition_count_; partition++) {
    if (thread.pages[partition].rows() == 0) continue;
    PageBuilder& leftover = state.leftovers[partition];
    leftover.Take(thread.pages[partition]);
    if (leftover.size_bytes() >= state.page_bytes) Flush(leftover, state.encoded, partition, *state.task);
  }
  return duckdb::SinkCombineResultType::FINISHED;
}

duckdb::SinkFinalizeType PhysicalExchangeSink::Finalize(duckdb::Pipeline&, duckdb::Event&,
                                                        duckdb::ClientContext&,
                                                        duckdb::OperatorSinkFinalizeInput& input) const {
  auto& state = input.global_state.Cast<SinkState>();
  for (uint32_t partition = 0; partition < partition_count_; partition++) {
    Flush(state.leftovers[partition], state.encoded, partition, *state.task);
  }
  state.task->attention.Raise();
  return duckdb::SinkFinalizeType::READY;
}

duckdb::SourceResultType PhysicalExchangeSink::GetDataInternal(duckdb::ExecutionContext&, DataChunk& chunk,
                                                               duckdb::OperatorSourceInput&) const {
  chunk.SetCardinality(1);
  chunk.SetValue(0, 0, duckdb::Value::BIGINT(static_cast<int64_t>(sink_state->Cast<SinkState>().rows)));
  return duckdb::SourceResultType::FINISHED;
}

}  // namespace planaria::kernel
