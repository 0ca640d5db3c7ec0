#include "kernel/exchange_source.h"

#include <optional>

#include "base/error.h"
#include "kernel/blocking.h"
#include "kernel/page_codec.h"
#include "kernel/task_state.h"

namespace planaria::kernel {

namespace {

struct SourceState : duckdb::GlobalSourceState {
  std::shared_ptr<TaskContext> task;
  std::shared_ptr<ExchangeInput> input;
  std::optional<Blocking> blocking;
  duckdb::idx_t MaxThreads() override { return std::max<duckdb::idx_t>(1, input->page_count()); }
};

struct SourceThread : duckdb::LocalSourceState {
  explicit SourceThread(const duckdb::vector<duckdb::LogicalType>& types) : reader(types) {}
  PageReader reader;
  bool has_page = false;
};

}  // namespace

PhysicalExchangeSource::PhysicalExchangeSource(duckdb::PhysicalPlan& plan,
                                               duckdb::vector<duckdb::LogicalType> types,
                                               uint32_t exchange_id, duckdb::idx_t cardinality)
    : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, std::move(types), cardinality),
      exchange_id_(exchange_id) {}

duckdb::unique_ptr<duckdb::GlobalSourceState> PhysicalExchangeSource::GetGlobalSourceState(
    duckdb::ClientContext& context) const {
  auto state = duckdb::make_uniq<SourceState>();
  state->task = TaskState::Of(context);
  if (!state->task || !state->task->inputs.contains(exchange_id_)) {
    throw duckdb::InternalException("the task has no input for exchange %llu", uint64_t{exchange_id_});
  }
  state->input = state->task->Guard([&] { return state->task->inputs.at(exchange_id_)(); });
  state->blocking.emplace(*state, state->task);
  return state;
}

duckdb::unique_ptr<duckdb::LocalSourceState> PhysicalExchangeSource::GetLocalSourceState(
    duckdb::ExecutionContext&, duckdb::GlobalSourceState&) const {
  return duckdb::make_uniq<SourceThread>(types);
}

duckdb::SourceResultType PhysicalExchangeSource::GetDataInternal(duckdb::ExecutionContext&,
                                                                 duckdb::DataChunk& chunk,
                                                                 duckdb::OperatorSourceInput& input) const {
  auto& state = input.global_state.Cast<SourceState>();
  auto& thread = input.local_state.Cast<SourceThread>();
  return state.task->Guard([&] {
    while (!thread.has_page || !thread.reader.Next(chunk)) {
      Page page;
      InputState found = InputState::kLater;
      const auto outcome = state.blocking->WaitFor(input.interrupt_state, [&](const Wake& wake) {
        return (found = state.input->Next(page, wake)) != InputState::kLater;
      });
      if (outcome == Blocking::Outcome::kBlocked) return duckdb::SourceResultType::BLOCKED;
      if (outcome == Blocking::Outcome::kNotAgain || found == InputState::kEnd) {
        return duckdb::SourceResultType::FINISHED;
      }
      state.task->exchanged_rows += page.rows;
      thread.reader.Load(std::move(page));
      thread.has_page = true;
    }
    return duckdb::SourceResultType::HAVE_MORE_OUTPUT;
  });
}

}  // namespace planaria::kernel
