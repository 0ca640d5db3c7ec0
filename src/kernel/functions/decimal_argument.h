// Functions of one decimal of any precision: the vector's type gives precision and scale at run time.
#pragma once

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/planner/expression.hpp"
#include "kernel/functions/wide_integer.h"

namespace planaria::kernel {

struct DecimalShape {
  int precision;
  int scale;

  static DecimalShape Of(const duckdb::LogicalType& type) {
    return {duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type)};
  }
};

inline Int128 Unscaled(const duckdb::hugeint_t& value) { return FromHugeint(value); }
inline Int128 Unscaled(int64_t value) { return value; }

/// A value of a decimal column: `Stored` is what its precision is kept in.
template <typename Stored>
Stored StoreUnscaled(Int128 value) {
  if constexpr (std::is_same_v<Stored, duckdb::hugeint_t>) {
    return ToHugeint(value);
  } else {
    return static_cast<Stored>(value);
  }
}

/// Calls `call` with a zero of what decimals of this type are stored in.
template <typename Call>
void WithDecimalStorage(const duckdb::LogicalType& type, Call&& call) {
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT16:
      return call(int16_t{0});
    case duckdb::PhysicalType::INT32:
      return call(int32_t{0});
    case duckdb::PhysicalType::INT64:
      return call(int64_t{0});
    default:
      return call(duckdb::hugeint_t{0});
  }
}

/// Binds the first argument as it is; a NULL without a type as decimal(1,0).
inline duckdb::LogicalType DecimalArgument(duckdb::ScalarFunction& function,
                                           const duckdb::Expression& argument) {
  const duckdb::LogicalType& type = argument.return_type;
  function.arguments[0] =
      type.id() == duckdb::LogicalTypeId::DECIMAL ? type : duckdb::LogicalType::DECIMAL(1, 0);
  return function.arguments[0];
}

/// A function of a decimal with a result of fixed type: `Result Operation(Int128 unscaled, DecimalShape)`, or
/// `void Operation(.., std::string& out)` for varchar.
template <auto kOperation>
duckdb::ScalarFunction OfDecimal(const std::string& name, duckdb::LogicalType result) {
  return duckdb::ScalarFunction(
      name, {duckdb::LogicalType(duckdb::LogicalTypeId::DECIMAL)}, std::move(result),
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        duckdb::Vector& input = chunk.data[0];
        const DecimalShape shape = DecimalShape::Of(input.GetType());
        WithDecimalStorage(input.GetType(), [&](auto zero) {
          using Stored = decltype(zero);
          if constexpr (std::is_invocable_v<decltype(kOperation), Int128, DecimalShape, std::string&>) {
            std::string text;
            duckdb::UnaryExecutor::Execute<Stored, duckdb::string_t>(
                input, result, chunk.size(), [&](Stored value) {
                  text.clear();
                  kOperation(Unscaled(value), shape, text);
                  return duckdb::StringVector::AddString(result, text);
                });
          } else {
            using Result = decltype(kOperation(Int128{0}, shape));
            duckdb::UnaryExecutor::Execute<Stored, Result>(input, result, chunk.size(), [&](Stored value) {
              return kOperation(Unscaled(value), shape);
            });
          }
        });
      },
      [](duckdb::ClientContext&, duckdb::ScalarFunction& function,
         duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments)
          -> duckdb::unique_ptr<duckdb::FunctionData> {
        DecimalArgument(function, *arguments[0]);
        return nullptr;
      });
}

}  // namespace planaria::kernel
