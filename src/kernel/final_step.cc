#include "kernel/final_step.h"

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/execution/physical_operator.hpp"
#include "kernel/duckdb_errors.h"
#include "kernel/task_state.h"

namespace planaria::kernel {

namespace {

using duckdb::LogicalType;

constexpr const char* kExtensionName = "planaria_final_step";
/// Nothing refers to its column; any index that no binder gives out will do.
constexpr duckdb::idx_t kTableIndex = (duckdb::idx_t{1} << 40) + 1;

struct StepState : duckdb::GlobalSinkState {
  std::shared_ptr<TaskContext> task;
  std::shared_ptr<FinalStep> step;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> rows;
  duckdb::Value result;
};

class PhysicalFinalStep : public duckdb::PhysicalOperator {
 public:
  PhysicalFinalStep(duckdb::PhysicalPlan& plan, duckdb::vector<LogicalType> types,
                    duckdb::vector<LogicalType> input_types, uint32_t number)
      : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, std::move(types), 1),
        input_types_(std::move(input_types)),
        number_(number) {}

  duckdb::string GetName() const override { return "FINAL_STEP"; }
  bool IsSink() const override { return true; }
  bool ParallelSink() const override { return false; }
  bool IsSource() const override { return true; }

  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(
      duckdb::ClientContext& context) const override {
    auto state = duckdb::make_uniq<StepState>();
    state->task = TaskState::Of(context);
    if (!state->task || state->task->final_steps.size() <= number_) {
      // After a restart of the coordinator, or on another node: whoever began is gone.
      ThrowIntoKernel({errors::GENERIC_INTERNAL_ERROR, "The task has no final step", {}, {}});
    }
    state->step = state->task->final_steps[number_];
    state->rows = duckdb::make_uniq<duckdb::ColumnDataCollection>(context, input_types_);
    return state;
  }

  duckdb::SinkResultType Sink(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override {
    auto& state = input.global_state.Cast<StepState>();
    if (state.step->WantsRows()) state.rows->Append(chunk);
    return duckdb::SinkResultType::NEED_MORE_INPUT;
  }

  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline&, duckdb::Event&, duckdb::ClientContext&,
                                    duckdb::OperatorSinkFinalizeInput& input) const override {
    auto& state = input.global_state.Cast<StepState>();
    InsideKernel([&] { state.task->Guard([&] { state.result = state.step->Run(*state.rows); }); });
    return duckdb::SinkFinalizeType::READY;
  }

 protected:
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput&) const override {
    chunk.SetCardinality(1);
    chunk.SetValue(0, 0, sink_state->Cast<StepState>().result);
    return duckdb::SourceResultType::FINISHED;
  }

 private:
  const duckdb::vector<LogicalType> input_types_;
  const uint32_t number_;
};

class FinalStepExtension : public duckdb::OperatorExtension {
 public:
  FinalStepExtension() {
    Bind = [](duckdb::ClientContext&, duckdb::Binder&, duckdb::OperatorExtensionInfo*,
              duckdb::SQLStatement&) { return duckdb::BoundStatement(); };
  }
  std::string GetName() override { return kExtensionName; }
  duckdb::unique_ptr<duckdb::LogicalExtensionOperator> Deserialize(
      duckdb::Deserializer& deserializer) override {
    const auto number = deserializer.ReadProperty<uint32_t>(301, "number");
    auto name = deserializer.ReadProperty<duckdb::string>(302, "name");
    auto type = deserializer.ReadProperty<LogicalType>(303, "type");
    return duckdb::make_uniq<LogicalFinalStep>(number, std::move(name), std::move(type));
  }
};

}  // namespace

void RegisterFinalStepOperator(duckdb::DBConfig& config) {
  duckdb::OperatorExtension::Register(config, duckdb::make_shared_ptr<FinalStepExtension>());
}

duckdb::string LogicalFinalStep::GetExtensionName() const { return kExtensionName; }

duckdb::vector<duckdb::ColumnBinding> LogicalFinalStep::GetColumnBindings() {
  return {duckdb::ColumnBinding(kTableIndex + number_, 0)};
}

duckdb::PhysicalOperator& LogicalFinalStep::CreatePlan(duckdb::ClientContext&,
                                                       duckdb::PhysicalPlanGenerator& planner) {
  auto& child = planner.CreatePlan(*children[0]);
  auto& step = planner.Make<PhysicalFinalStep>(duckdb::vector<LogicalType>{type_}, child.types, number_);
  step.children.push_back(child);
  return step;
}

void LogicalFinalStep::Serialize(duckdb::Serializer& serializer) const {
  LogicalExtensionOperator::Serialize(serializer);
  serializer.WriteProperty(301, "number", number_);
  serializer.WriteProperty(302, "name", name_);
  serializer.WriteProperty(303, "type", type_);
}

}  // namespace planaria::kernel
