// round, truncate, ceiling, floor, abs and sign of decimals, with the precisions that Trino gives the
// results.
#include <algorithm>

#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "kernel/functions/decimal_argument.h"
#include "kernel/functions/families.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

using duckdb::LogicalType;

/// Without `digits` decimal digits, toward zero, below or above.
Int128 Cut(Int128 value, int digits) { return digits > kMaxDecimalDigits ? 0 : value / PowerOfTen(digits); }
Int128 Below(Int128 value, int digits) {
  const Int128 power = PowerOfTen(digits);
  return value / power - (value % power < 0 ? 1 : 0);
}

struct Round {
  static constexpr const char* kName = "trino_round";
  static DecimalShape Result(DecimalShape x) {
    return {std::min(kMaxDecimalDigits, x.precision - x.scale + std::min(1, x.scale)), 0};
  }
  static Int128 Run(Int128 value, int scale) { return DivideByPowerOfTen(value, scale); }
};
struct Truncate {
  static constexpr const char* kName = "trino_truncate";
  static DecimalShape Result(DecimalShape x) { return {std::max(1, x.precision - x.scale), 0}; }
  static Int128 Run(Int128 value, int scale) { return Cut(value, scale); }
};
struct Floor {
  static constexpr const char* kName = "trino_floor";
  static DecimalShape Result(DecimalShape x) { return {x.precision - x.scale + std::min(x.scale, 1), 0}; }
  static Int128 Run(Int128 value, int scale) { return Below(value, scale); }
};
struct Ceiling {
  static constexpr const char* kName = "trino_ceiling";
  static DecimalShape Result(DecimalShape x) { return Floor::Result(x); }
  static Int128 Run(Int128 value, int scale) { return -Below(-value, scale); }
};
struct Ceil : Ceiling {
  static constexpr const char* kName = "trino_ceil";
};
struct Sign {
  static constexpr const char* kName = "trino_sign";
  static DecimalShape Result(DecimalShape) { return {1, 0}; }
  static Int128 Run(Int128 value, int) { return (value > 0) - (value < 0); }
};
struct Abs {
  static constexpr const char* kName = "trino_abs";
  static DecimalShape Result(DecimalShape x) { return x; }
  static Int128 Run(Int128 value, int) { return value < 0 ? -value : value; }
};
struct Negate {
  static constexpr const char* kName = "trino_negate";
  static DecimalShape Result(DecimalShape x) { return x; }
  static Int128 Run(Int128 value, int) { return -value; }
};

template <typename Operation>
void AddUnary(FunctionSet& functions) {
  const LogicalType decimal(duckdb::LogicalTypeId::DECIMAL);
  functions.Add(duckdb::ScalarFunction(
      Operation::kName, {decimal}, decimal,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        duckdb::Vector& input = chunk.data[0];
        const int scale = DecimalShape::Of(input.GetType()).scale;
        WithDecimalStorage(input.GetType(), [&](auto stored) {
          WithDecimalStorage(result.GetType(), [&](auto rounded) {
            duckdb::UnaryExecutor::Execute<decltype(stored), decltype(rounded)>(
                input, result, chunk.size(), [&](decltype(stored) value) {
                  return StoreUnscaled<decltype(rounded)>(Operation::Run(Unscaled(value), scale));
                });
          });
        });
      },
      [](duckdb::ClientContext&, duckdb::ScalarFunction& function,
         duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments)
          -> duckdb::unique_ptr<duckdb::FunctionData> {
        const DecimalShape shape =
            Operation::Result(DecimalShape::Of(DecimalArgument(function, *arguments[0])));
        function.SetReturnType(LogicalType::DECIMAL(shape.precision, shape.scale));
        return nullptr;
      }));
}

/// round(x, digits) has room for one digit more, truncate(x, digits) keeps the type.
struct RoundDigits {
  static constexpr const char* kName = "trino_round";
  static constexpr int kMore = 1;
  static Int128 Drop(Int128 value, int digits) { return DivideByPowerOfTen(value, digits); }
};
struct TruncateDigits {
  static constexpr const char* kName = "trino_truncate";
  static constexpr int kMore = 0;
  static Int128 Drop(Int128 value, int digits) { return Cut(value, digits); }
};

template <typename Operation>
Int128 DropDigits(Int128 value, int64_t digits, DecimalShape shape) {
  if (digits >= shape.scale) return value;
  if (digits < shape.scale - kMaxDecimalDigits) return 0;
  const int dropped = static_cast<int>(shape.scale - digits);
  const auto result = MultiplyChecked(Operation::Drop(value, dropped), PowerOfTen(dropped));
  if (!result || !FitsDigits(*result, kMaxDecimalDigits)) {
    std::string text;
    AppendDecimal(value, 0, &text);
    FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, "decimal overflow: " + text);
  }
  return *result;
}

template <typename Operation>
void AddDigits(FunctionSet& functions) {
  const LogicalType decimal(duckdb::LogicalTypeId::DECIMAL);
  functions.Add(duckdb::ScalarFunction(
      Operation::kName, {decimal, LogicalType::BIGINT}, decimal,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        const DecimalShape shape = DecimalShape::Of(chunk.data[0].GetType());
        WithDecimalStorage(chunk.data[0].GetType(), [&](auto stored) {
          WithDecimalStorage(result.GetType(), [&](auto rounded) {
            duckdb::BinaryExecutor::Execute<decltype(stored), int64_t, decltype(rounded)>(
                chunk.data[0], chunk.data[1], result, chunk.size(),
                [&](decltype(stored) value, int64_t digits) {
                  return StoreUnscaled<decltype(rounded)>(
                      DropDigits<Operation>(Unscaled(value), digits, shape));
                });
          });
        });
      },
      [](duckdb::ClientContext&, duckdb::ScalarFunction& function,
         duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments)
          -> duckdb::unique_ptr<duckdb::FunctionData> {
        const DecimalShape shape = DecimalShape::Of(DecimalArgument(function, *arguments[0]));
        function.SetReturnType(LogicalType::DECIMAL(
            std::min(kMaxDecimalDigits, shape.precision + Operation::kMore), shape.scale));
        return nullptr;
      }));
}

}  // namespace

void AddDecimalRounding(FunctionSet& functions) {
  AddUnary<Round>(functions);
  AddUnary<Truncate>(functions);
  AddUnary<Floor>(functions);
  AddUnary<Ceiling>(functions);
  AddUnary<Ceil>(functions);
  AddUnary<Sign>(functions);
  AddUnary<Abs>(functions);
  AddUnary<Negate>(functions);
  AddDigits<RoundDigits>(functions);
  AddDigits<TruncateDigits>(functions);
}

}  // namespace planaria::kernel
