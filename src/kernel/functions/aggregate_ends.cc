// What Trino's aggregates add to DuckDB's, which the planner knows how to split over workers: functions of
// their results.
//
//   sum(bigint)        trino_sum_bigint(sum(x))
//   avg(decimal(p,s))  CAST(trino_decimal_average(sum(x), count(x)) AS DECIMAL(p,s))
#include <optional>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "kernel/functions/decimal_argument.h"
#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

using duckdb::hugeint_t;
using duckdb::LogicalType;

int64_t SumBigint(hugeint_t sum) {
  const Int128 value = FromHugeint(sum);
  if (value < INT64_MIN || value > INT64_MAX) {
    std::string text;
    AppendDecimal(value, 0, &text);
    FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, "bigint addition overflow: " + text);
  }
  return static_cast<int64_t>(value);
}

/// Rounded half up; NULL for a count of 0.
void DecimalAverage(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  WithDecimalStorage(chunk.data[0].GetType(), [&](auto zero) {
    using Stored = decltype(zero);
    duckdb::BinaryExecutor::ExecuteWithNulls<Stored, int64_t, hugeint_t>(
        chunk.data[0], chunk.data[1], result, chunk.size(),
        [](Stored sum, int64_t count, duckdb::ValidityMask& validity, duckdb::idx_t row) {
          if (count == 0) {
            validity.SetInvalid(row);
            return hugeint_t(0);
          }
          return ToHugeint(*MultiplyDivide(Unscaled(sum), 0, count));
        });
  });
}

duckdb::unique_ptr<duckdb::FunctionData> BindAverage(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType sum = DecimalArgument(function, *arguments[0]);
  function.SetReturnType(LogicalType::DECIMAL(kMaxDecimalDigits, duckdb::DecimalType::GetScale(sum)));
  return nullptr;
}

}  // namespace

void AddAggregateEnds(FunctionSet& functions) {
  functions.Add(Scalar<&SumBigint>("trino_sum_bigint"));
  const LogicalType decimal(duckdb::LogicalTypeId::DECIMAL);
  functions.Add(duckdb::ScalarFunction("trino_decimal_average", {decimal, LogicalType::BIGINT}, decimal,
                                       DecimalAverage, BindAverage));
}

}  // namespace planaria::kernel
