// Arithmetic of decimals with the result types of Trino 476.
//
// The types of the vectors say everything at run time: operands have 18 or 38 digits and their own scales,
// the result has the precision and scale that the binding gave.
#include <algorithm>

#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "kernel/functions/decimal_argument.h"
#include "kernel/functions/families.h"

namespace planaria::kernel {

namespace {

using duckdb::DecimalType;
using duckdb::hugeint_t;
using duckdb::LogicalType;

constexpr int kShortDigits = 18;

[[noreturn, gnu::cold]] void FailOverflow() {
  FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, "Decimal overflow");
}

using Operand = DecimalShape;

struct Scales {
  int left;
  int right;
  int result;
};

/// A sum that is out of range by 128 bits is out of range by 38 digits.
Int128 Rescaled(Int128 value, int digits) {
  const auto result = MultiplyChecked(value, PowerOfTen(digits));
  if (!result) FailOverflow();
  return *result;
}

Int128 Checked(Int128 value) {
  if (!FitsDigits(value, kMaxDecimalDigits)) FailOverflow();
  return value;
}

struct AddDecimals {
  static constexpr const char* kName = "trino_add";
  static Operand Result(Operand left, Operand right) {
    const int scale = std::max(left.scale, right.scale);
    const int integral = std::max(left.precision - left.scale, right.precision - right.scale);
    return {std::min(kMaxDecimalDigits, integral + scale + 1), scale};
  }
  static Int128 Run(Int128 left, Int128 right, const Scales& scales) {
    Int128 result;
    if (__builtin_add_overflow(Rescaled(left, scales.result - scales.left),
                               Rescaled(right, scales.result - scales.right), &result)) {
      FailOverflow();
    }
    return Checked(result);
  }
  /// Operands of 18 digits: nothing can overflow.
  static Int128 RunShort(int64_t left, int64_t right, const Scales& scales) {
    return left * PowerOfTen(scales.result - scales.left) + right * PowerOfTen(scales.result - scales.right);
  }
};

struct SubtractDecimals {
  static constexpr const char* kName = "trino_subtract";
  static Operand Result(Operand left, Operand right) { return AddDecimals::Result(left, right); }
  static Int128 Run(Int128 left, Int128 right, const Scales& scales) {
    return AddDecimals::Run(left, -right, scales);
  }
  static Int128 RunShort(int64_t left, int64_t right, const Scales& scales) {
    return AddDecimals::RunShort(left, -right, scales);
  }
};

struct MultiplyDecimals {
  static constexpr const char* kName = "trino_multiply";
  static Operand Result(Operand left, Operand right) {
    return {std::min(kMaxDecimalDigits, left.precision + right.precision), left.scale + right.scale};
  }
  static Int128 Run(Int128 left, Int128 right, const Scales&) {
    const auto result = MultiplyChecked(left, right);
    if (!result) FailOverflow();
    return Checked(*result);
  }
  static Int128 RunShort(int64_t left, int64_t right, const Scales&) { return Int128{left} * right; }
};

struct DivideDecimals {
  static constexpr const char* kName = "trino_divide";
  static Operand Result(Operand left, Operand right) {
    const int precision = left.precision + right.scale + std::max(right.scale - left.scale, 0);
    return {std::min(kMaxDecimalDigits, precision), std::max(left.scale, right.scale)};
  }
  static Int128 Run(Int128 left, Int128 right, const Scales& scales) {
    if (right == 0) FailFunction(errors::DIVISION_BY_ZERO, "Division by zero");
    const auto result = MultiplyDivide(left, scales.result - scales.left + scales.right, right);
    if (!result) FailOverflow();
    return Checked(*result);
  }
};

struct DecimalModulus {
  static constexpr const char* kName = "trino_modulus";
  static Operand Result(Operand left, Operand right) {
    const int scale = std::max(left.scale, right.scale);
    return {std::min(left.precision - left.scale, right.precision - right.scale) + scale, scale};
  }
  static Int128 Run(Int128 left, Int128 right, const Scales& scales) {
    if (right == 0) FailFunction(errors::DIVISION_BY_ZERO, "Division by zero");
    return ScaledRemainder(left, scales.result - scales.left, right, scales.result - scales.right);
  }
};

struct DecimalMod : DecimalModulus {
  static constexpr const char* kName = "trino_mod";
};

template <typename Operation, typename Input>
void ExecuteInput(duckdb::DataChunk& chunk, duckdb::Vector& result, const Scales& scales) {
  WithDecimalStorage(result.GetType(), [&](auto zero) {
    using Result = decltype(zero);
    duckdb::BinaryExecutor::Execute<Input, Input, Result>(
        chunk.data[0], chunk.data[1], result, chunk.size(), [&](const Input& left, const Input& right) {
          if constexpr (std::is_same_v<Input, int64_t> && requires { &Operation::RunShort; }) {
            return StoreUnscaled<Result>(Operation::RunShort(left, right, scales));
          } else {
            return StoreUnscaled<Result>(Operation::Run(Unscaled(left), Unscaled(right), scales));
          }
        });
  });
}

template <typename Operation>
void Execute(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const Scales scales{DecimalType::GetScale(chunk.data[0].GetType()),
                      DecimalType::GetScale(chunk.data[1].GetType()),
                      DecimalType::GetScale(result.GetType())};
  if (chunk.data[0].GetType().InternalType() == duckdb::PhysicalType::INT64) {
    ExecuteInput<Operation, int64_t>(chunk, result, scales);
  } else {
    ExecuteInput<Operation, hugeint_t>(chunk, result, scales);
  }
}

/// An argument's precision and scale: NULL is a decimal(1,0).
Operand OperandOf(const duckdb::Expression& argument) {
  if (argument.return_type.id() != duckdb::LogicalTypeId::DECIMAL) return {1, 0};
  return Operand::Of(argument.return_type);
}

/// Both operands get the same storage. Bound anew where a plan arrives, operands have it already; the result
/// type is then the plan's.
template <typename Operation>
duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const Operand left = OperandOf(*arguments[0]);
  const Operand right = OperandOf(*arguments[1]);
  const Operand result = Operation::Result(left, right);
  if (result.scale > kMaxDecimalDigits) {
    FailFunction(errors::INVALID_FUNCTION_ARGUMENT,
                 "DECIMAL scale must be in range [0, precision (38)]: " + std::to_string(result.scale));
  }
  const int digits =
      std::max(left.precision, right.precision) <= kShortDigits ? kShortDigits : kMaxDecimalDigits;
  function.arguments = {LogicalType::DECIMAL(digits, left.scale), LogicalType::DECIMAL(digits, right.scale)};
  function.SetReturnType(LogicalType::DECIMAL(result.precision, result.scale));
  return nullptr;
}

template <typename Operation>
void AddOperation(FunctionSet& functions) {
  const LogicalType decimal(duckdb::LogicalTypeId::DECIMAL);
  functions.Add(duckdb::ScalarFunction(Operation::kName, {decimal, decimal}, decimal, Execute<Operation>,
                                       Bind<Operation>));
}

}  // namespace

void AddDecimalArithmetic(FunctionSet& functions) {
  AddOperation<AddDecimals>(functions);
  AddOperation<SubtractDecimals>(functions);
  AddOperation<MultiplyDecimals>(functions);
  AddOperation<DivideDecimals>(functions);
  AddOperation<DecimalModulus>(functions);
  AddOperation<DecimalMod>(functions);
}

}  // namespace planaria::kernel
