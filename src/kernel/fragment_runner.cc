#include "kernel/fragment_runner.h"

#include <algorithm>

#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/execution/executor.hpp"
#include "duckdb/main/client_config.hpp"
#include "duckdb/parser/statement/logical_plan_statement.hpp"
#include "kernel/duckdb_errors.h"
#include "kernel/exchange_operator.h"
#include "kernel/join_filters.h"
#include "kernel/join_sides.h"
#include "kernel/plan_estimates.h"
#include "kernel/session_zone.h"
#include "kernel/task_state.h"

namespace planaria::kernel {

namespace {

duckdb::unique_ptr<duckdb::LogicalOperator> DeserializePlan(duckdb::ClientContext& context,
                                                            const std::string& plan) {
  try {
    // The stream only reads; its interface takes a mutable pointer.
    duckdb::MemoryStream stream(reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(plan.data())),
                                plan.size());
    duckdb::bound_parameter_map_t parameters;
    auto root = duckdb::BinaryDeserializer::Deserialize<duckdb::LogicalOperator>(stream, context, parameters);
    root->ResolveOperatorTypes();
    if (const auto* sink = dynamic_cast<const LogicalExchangeSink*>(root.get());
        sink != nullptr && root->children.size() == 1)
      RestoreEstimates(*root->children[0], sink->estimates);
    return root;
  } catch (const std::exception& exception) {
    // A table that is gone or has other columns says so itself; anything else is damage.
    if (CarriesTrinoError(exception)) throw TrinoException(TranslateException(exception));
    throw TrinoException(errors::SERIALIZATION_ERROR,
                         "Plan bytes cannot be read: " + TranslateException(exception).message);
  }
}

/// True for plans that run parts of themselves several times.
bool ReadsAgain(const duckdb::LogicalOperator& root) {
  return root.type == duckdb::LogicalOperatorType::LOGICAL_RECURSIVE_CTE ||
         std::any_of(root.children.begin(), root.children.end(),
                     [](const auto& child) { return ReadsAgain(*child); });
}

}  // namespace

std::string SerializePlan(const duckdb::LogicalOperator& plan) {
  duckdb::MemoryStream stream;
  duckdb::SerializationOptions options;
  options.serialization_compatibility = duckdb::SerializationCompatibility::Latest();
  duckdb::BinarySerializer serializer(stream, options);
  serializer.Begin();
  plan.Serialize(serializer);
  serializer.End();
  return std::string(reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition());
}

FragmentRunner::FragmentRunner(Engine& engine, std::shared_ptr<TaskContext> task, std::string time_zone)
    : engine_(engine),
      task_(std::move(task)),
      time_zone_(std::move(time_zone)),
      connection_(engine_.Connect()) {}

FragmentRunner::~FragmentRunner() = default;

void FragmentRunner::Cancel() {
  cancelled_ = true;
  task_->meter->Stop();
  connection_->Interrupt();
  task_->attention.Raise();
}

duckdb::unique_ptr<duckdb::QueryResult> FragmentRunner::Drive(duckdb::PendingQueryResult& pending) {
  // This thread takes part in the work. Where DuckDB's own loop would spin until other threads have done
  // theirs, or look fifty times a second whether what blocks has come, this one sleeps until it is called.
  // Nobody calls when another thread has failed or begun the next pipeline, so it looks up now and then.
  constexpr Duration kShortestRest = std::chrono::microseconds(50);
  constexpr Duration kLongestRest = std::chrono::milliseconds(2);
  constexpr Duration kLongestBlockedRest = std::chrono::milliseconds(20);
  Duration rest = kShortestRest;
  bool stopped = false;
  while (!pending.HasError()) {
    const duckdb::PendingExecutionResult step = pending.ExecuteTask();
    if (duckdb::PendingQueryResult::IsResultReady(step)) break;
    if (cancelled_ && !stopped) {
      // Blocked operators do not look at the interrupt; an error ends them.
      duckdb::Executor::Get(*connection_->context).PushError(duckdb::ErrorData(duckdb::InterruptException()));
      stopped = true;
      continue;
    }
    if (step == duckdb::PendingExecutionResult::RESULT_NOT_READY) {
      rest = kShortestRest;
    } else if (task_->attention.Wait(rest)) {
      rest = kShortestRest;
    } else {
      const bool blocked = step == duckdb::PendingExecutionResult::BLOCKED;
      rest = std::min(rest * 2, blocked ? kLongestBlockedRest : kLongestRest);
    }
  }
  if (pending.HasError()) {
    return duckdb::make_uniq<duckdb::MaterializedQueryResult>(pending.GetErrorObject());
  }
  return pending.Execute();
}

uint64_t FragmentRunner::Run(const std::string& plan) {
  auto& context = *connection_->context;
  context.registered_state->Insert(TaskState::kKey, duckdb::make_shared_ptr<TaskState>(task_));
  // The plan arrives optimised.
  duckdb::ClientConfig::GetConfig(context).enable_optimizer = false;
  if (!time_zone_.empty()) SetTimeZone(*connection_, time_zone_);
  connection_->BeginTransaction();
  auto root = DeserializePlan(context, plan);
  OutsideKernel([&] {
    ChooseJoinSides(context, *root, task_->input_rows);
    LinkJoinFilters(context, *root);
  });
  task_->reads_again = ReadsAgain(*root);
  const auto result = Drive(*connection_->PendingQuery(
      duckdb::make_uniq<duckdb::LogicalPlanStatement>(std::move(root)), /*allow_stream_result=*/false));
  if (const auto failure = task_->failure()) std::rethrow_exception(failure);
  if (cancelled_) throw TrinoException(errors::USER_CANCELED, "Task was cancelled");
  if (result->HasError()) throw TrinoException(TranslateError(result->GetErrorObject()));
  const auto chunk = result->Fetch();
  if (!chunk || chunk->size() != 1) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The fragment's root is not an exchange sink");
  }
  connection_->Commit();
  return static_cast<uint64_t>(chunk->GetValue(0, 0).GetValue<int64_t>());
}

}  // namespace planaria::kernel
