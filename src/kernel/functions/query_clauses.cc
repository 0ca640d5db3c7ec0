#include "kernel/functions/query_clauses.h"

#include <fmt/format.h>

#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

/// The part of all rows that a percentage says.
double SampledPart(double percentage) {
  if (percentage >= 0 && percentage <= 100) return percentage / 100;
  FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE,
               percentage > 100 ? "Sample percentage must be less than or equal to 100"
                                : "Sample percentage must be greater than or equal to 0");
}

/// The step of a sequence whose bounds and step are checked; one number has any step.
int64_t SequenceStep(const duckdb::Value& start, const duckdb::Value& stop, const duckdb::Value& step) {
  if (start.IsNull()) FailArgument("Start is null");
  if (stop.IsNull()) FailArgument("Stop is null");
  if (step.IsNull()) FailArgument("Step is null");
  const auto from = start.GetValue<int64_t>();
  const auto to = stop.GetValue<int64_t>();
  const auto by = step.GetValue<int64_t>();
  if (from < to && by <= 0)
    FailArgument(fmt::format("Step must be positive for sequence [{}, {}]", from, to));
  if (from > to && by >= 0)
    FailArgument(fmt::format("Step must be negative for sequence [{}, {}]", from, to));
  return from == to ? 1 : by;
}

void SequenceSteps(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    result.SetValue(row, duckdb::Value::BIGINT(SequenceStep(chunk.GetValue(0, row), chunk.GetValue(1, row),
                                                            chunk.GetValue(2, row))));
  }
}

/// For an offset that is negative or NULL, be it what it may.
void NoFrameOffset(std::string_view, std::string&) {
  FailFunction(errors::INVALID_WINDOW_FRAME, "Window frame offset value must not be negative or null");
}

/// Of the rows that a step of WITH RECURSIVE makes of those of the last one.
int64_t RecursionStep(int64_t last, int64_t limit) {
  if (last < limit) return last + 1;
  FailFunction(
      errors::NOT_SUPPORTED,
      fmt::format("Recursion depth limit exceeded ({}). Use 'max_recursion_depth' session property to "
                  "modify the limit.",
                  limit));
}

}  // namespace

void AddQueryClauses(FunctionSet& functions) {
  functions.Add(Scalar<&SampledPart>("trino_sampled_part"));
  functions.Add(Scalar<&NoFrameOffset>("trino_no_frame_offset"));
  functions.Add(Scalar<&RecursionStep>("trino_recursion_step"));
  using duckdb::LogicalType;
  duckdb::ScalarFunction step("trino_sequence_step",
                              {LogicalType::BIGINT, LogicalType::BIGINT, LogicalType::BIGINT},
                              LogicalType::BIGINT, SequenceSteps);
  step.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  functions.Add(std::move(step));
}

}  // namespace planaria::kernel
