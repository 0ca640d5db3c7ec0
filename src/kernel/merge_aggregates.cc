#include "kernel/merge_aggregates.h"

#include <optional>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace planaria::kernel {

using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::data_ptr_t;
using duckdb::hugeint_t;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

namespace {

struct CountState {
  int64_t count;
  void Combine(const CountState& other) { count += other.count; }
};

template <typename Sum>
struct AverageState {
  Sum sum;
  int64_t count;
  double scale;

  void Combine(const AverageState& other) {
    sum += other.sum;
    count += other.count;
    if (other.scale != 0) scale = other.scale;
  }
};

template <typename State>
idx_t StateSize(const AggregateFunction&) {
  return sizeof(State);
}

template <typename State>
void Initialize(const AggregateFunction&, data_ptr_t state) {
  *reinterpret_cast<State*>(state) = State{};
}

template <typename State>
void Combine(Vector& source, Vector& target, AggregateInputData&, idx_t count) {
  const auto* sources = duckdb::FlatVector::GetData<const State*>(source);
  auto* targets = duckdb::FlatVector::GetData<State*>(target);
  for (idx_t i = 0; i < count; i++) targets[i]->Combine(*sources[i]);
}

/// One input row as the update functions see it.
struct Inputs {
  Inputs(Vector inputs[], idx_t input_count, idx_t rows) : formats(input_count) {
    for (idx_t i = 0; i < input_count; i++) inputs[i].ToUnifiedFormat(rows, formats[i]);
  }
  template <typename T>
  const T* At(idx_t column, idx_t row) const {
    const UnifiedVectorFormat& format = formats[column];
    const idx_t index = format.sel->get_index(row);
    return format.validity.RowIsValid(index) ? UnifiedVectorFormat::GetData<T>(format) + index : nullptr;
  }
  std::vector<UnifiedVectorFormat> formats;
};

void UpdateRow(CountState& state, const Inputs& inputs, idx_t row) {
  if (const auto* count = inputs.At<int64_t>(0, row)) state.count += *count;
}

template <typename Sum>
void UpdateRow(AverageState<Sum>& state, const Inputs& inputs, idx_t row) {
  const auto* sum = inputs.At<Sum>(0, row);
  const auto* count = inputs.At<int64_t>(1, row);
  if (!sum || !count || *count == 0) return;
  state.sum += *sum;
  state.count += *count;
  state.scale = inputs.formats.size() > 2 ? *inputs.At<double>(2, row) : 1;
}

template <typename State>
void Update(Vector inputs[], AggregateInputData&, idx_t input_count, Vector& states, idx_t count) {
  const Inputs rows(inputs, input_count, count);
  UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  auto* pointers = UnifiedVectorFormat::GetData<State*>(format);
  for (idx_t i = 0; i < count; i++) {
    UpdateRow(*const_cast<State*>(pointers[format.sel->get_index(i)]), rows, i);
  }
}

template <typename State>
void SimpleUpdate(Vector inputs[], AggregateInputData&, idx_t input_count, data_ptr_t state, idx_t count) {
  const Inputs rows(inputs, input_count, count);
  for (idx_t i = 0; i < count; i++) UpdateRow(*reinterpret_cast<State*>(state), rows, i);
}

template <typename State, typename Result, typename Finish>
void FinalizeEach(Vector& states, Vector& result, idx_t count, idx_t offset, Finish finish) {
  const bool constant = states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  auto* pointers = constant ? duckdb::ConstantVector::GetData<State*>(states)
                            : duckdb::FlatVector::GetData<State*>(states);
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  auto* values = duckdb::FlatVector::GetData<Result>(result);
  for (idx_t i = 0; i < count; i++) {
    const auto value = finish(*pointers[i]);
    if (value) {
      values[i + offset] = *value;
    } else if (constant) {
      duckdb::ConstantVector::SetNull(result, true);
    } else {
      duckdb::FlatVector::SetNull(result, i + offset, true);
    }
  }
}

void FinalizeCount(Vector& states, AggregateInputData&, Vector& result, idx_t count, idx_t offset) {
  FinalizeEach<CountState, int64_t>(states, result, count, offset,
                                    [](const CountState& state) { return std::optional(state.count); });
}

template <typename Sum>
void FinalizeAverage(Vector& states, AggregateInputData&, Vector& result, idx_t count, idx_t offset) {
  FinalizeEach<AverageState<Sum>, double>(
      states, result, count, offset, [](const AverageState<Sum>& state) -> std::optional<double> {
        if (state.count == 0) return std::nullopt;
        if constexpr (std::is_same_v<Sum, hugeint_t>) {
          const long double divisor =
              static_cast<long double>(state.count) * static_cast<long double>(state.scale);
          return static_cast<double>(duckdb::Hugeint::Cast<long double>(state.sum) / divisor);
        } else {
          return state.sum / static_cast<double>(state.count);
        }
      });
}

template <typename State>
AggregateFunction MakeFunction(const char* name, duckdb::vector<LogicalType> arguments, LogicalType result,
                               duckdb::aggregate_finalize_t finalize,
                               duckdb::bind_aggregate_function_t bind = nullptr) {
  return AggregateFunction(name, std::move(arguments), std::move(result), StateSize<State>, Initialize<State>,
                           Update<State>, Combine<State>, finalize,
                           duckdb::FunctionNullHandling::DEFAULT_NULL_HANDLING, SimpleUpdate<State>, bind);
}

/// Keeps the sum's own scale: the unscaled value is what is merged.
duckdb::unique_ptr<duckdb::FunctionData> BindDecimalAverage(
    duckdb::ClientContext&, AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const auto scale = duckdb::DecimalType::GetScale(arguments[0]->return_type);
  function.arguments[0] = LogicalType::DECIMAL(duckdb::Decimal::MAX_WIDTH_DECIMAL, scale);
  return nullptr;
}

}  // namespace

void RegisterMergeAggregates(duckdb::DatabaseInstance& database) {
  duckdb::ExtensionLoader loader(database, "planaria");
  loader.RegisterFunction(
      MakeFunction<CountState>(kCountMerge, {LogicalType::BIGINT}, LogicalType::BIGINT, FinalizeCount));
  duckdb::AggregateFunctionSet average(kAverageMerge);
  average.AddFunction(MakeFunction<AverageState<hugeint_t>>(
      kAverageMerge, {LogicalType::HUGEINT, LogicalType::BIGINT, LogicalType::DOUBLE}, LogicalType::DOUBLE,
      FinalizeAverage<hugeint_t>));
  average.AddFunction(MakeFunction<AverageState<hugeint_t>>(
      kAverageMerge, {LogicalType(duckdb::LogicalTypeId::DECIMAL), LogicalType::BIGINT, LogicalType::DOUBLE},
      LogicalType::DOUBLE, FinalizeAverage<hugeint_t>, BindDecimalAverage));
  average.AddFunction(MakeFunction<AverageState<double>>(kAverageMerge,
                                                         {LogicalType::DOUBLE, LogicalType::BIGINT},
                                                         LogicalType::DOUBLE, FinalizeAverage<double>));
  loader.RegisterFunction(std::move(average));
}

}  // namespace planaria::kernel
