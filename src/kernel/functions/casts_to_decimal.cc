// trino_cast_to_decimal(x, precision, scale): the last two are constants, the result is DECIMAL(precision,
// scale).
#include <fmt/format.h>

#include "duckdb/execution/expression_executor.hpp"
#include "kernel/functions/decimal_argument.h"
#include "kernel/functions/families.h"
#include "kernel/functions/java_parse.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

using duckdb::DecimalType;
using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using Target = DecimalShape;

[[noreturn, gnu::cold]] void FailCast(const std::string& from, std::string_view value, Target target,
                                      const char* reason = "") {
  FailFunction(errors::INVALID_CAST_ARGUMENT, fmt::format("Cannot cast {} '{}' to DECIMAL({}, {}){}", from,
                                                          value, target.precision, target.scale, reason));
}

template <typename Integer>
constexpr const char* kIntegerName = sizeof(Integer) == 1   ? "TINYINT"
                                     : sizeof(Integer) == 2 ? "SMALLINT"
                                     : sizeof(Integer) == 4 ? "INTEGER"
                                                            : "BIGINT";

std::string DecimalText(Int128 value, int scale) {
  std::string text;
  AppendDecimal(value, scale, &text);
  return text;
}

Int128 FromText(const string_t& text, Target target) {
  Int128 value = 0;
  const std::string_view view(text.GetData(), text.GetSize());
  switch (ParseDecimal(view, target.precision, target.scale, &value)) {
    case DecimalParse::kNotANumber:
      FailCast("VARCHAR", view, target, ". Value is not a number.");
    case DecimalParse::kTooLarge:
      FailCast("VARCHAR", view, target, ". Value too large.");
    case DecimalParse::kOk:
      break;
  }
  return value;
}

/// Rounds the shortest text of the number, as Trino does: 1.005 is 1.01 though its double is a bit less.
template <typename Float>
Int128 FromFloat(Float number, Target target) {
  std::string text;
  if constexpr (std::is_same_v<Float, double>) {
    AppendJavaDouble(number, &text);
  } else {
    AppendJavaFloat(number, &text);
  }
  Int128 value = 0;
  if (ParseDecimal(text, target.precision, target.scale, &value) != DecimalParse::kOk) {
    FailCast(std::is_same_v<Float, double> ? "DOUBLE" : "REAL", text, target);
  }
  return value;
}

template <typename Integer>
Int128 FromInteger(Integer number, Target target) {
  const auto scaled = MultiplyChecked(number, PowerOfTen(target.scale));
  if (!scaled || !FitsDigits(*scaled, target.precision)) {
    FailCast(kIntegerName<Integer>, std::to_string(number), target);
  }
  return *scaled;
}

Int128 FromDecimal(Int128 number, const LogicalType& type, Target target) {
  const int scale = DecimalType::GetScale(type);
  std::optional<Int128> scaled;
  if (target.scale >= scale) {
    scaled = MultiplyChecked(number, PowerOfTen(target.scale - scale));
  } else {
    scaled = DivideByPowerOfTen(number, scale - target.scale);
  }
  if (!scaled || !FitsDigits(*scaled, target.precision)) {
    FailCast(fmt::format("DECIMAL({}, {})", DecimalType::GetWidth(type), scale), DecimalText(number, scale),
             target);
  }
  return *scaled;
}

template <typename Stored>
Int128 Convert(const Stored& stored, const LogicalType& type, Target target) {
  if (type.id() == LogicalTypeId::DECIMAL) {
    if constexpr (std::is_same_v<Stored, int16_t> || std::is_same_v<Stored, int32_t> ||
                  std::is_same_v<Stored, int64_t> || std::is_same_v<Stored, hugeint_t>) {
      return FromDecimal(Unscaled(stored), type, target);
    }
  }
  if constexpr (std::is_same_v<Stored, string_t>) {
    return FromText(stored, target);
  } else if constexpr (std::is_floating_point_v<Stored>) {
    return FromFloat(stored, target);
  } else if constexpr (std::is_same_v<Stored, bool>) {
    return FromInteger(static_cast<int32_t>(stored), target);
  } else if constexpr (std::is_integral_v<Stored>) {
    return FromInteger(stored, target);
  } else {
    throw duckdb::InternalException("no cast to decimal from " + type.ToString());
  }
}

template <typename Stored>
void ExecuteStored(duckdb::DataChunk& chunk, duckdb::Vector& result) {
  const LogicalType& type = chunk.data[0].GetType();
  const Target target = Target::Of(result.GetType());
  WithDecimalStorage(result.GetType(), [&](auto zero) {
    using Result = decltype(zero);
    duckdb::UnaryExecutor::Execute<Stored, Result>(
        chunk.data[0], result, chunk.size(),
        [&](const Stored& stored) { return StoreUnscaled<Result>(Convert(stored, type, target)); });
  });
}

void Execute(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  switch (chunk.data[0].GetType().InternalType()) {
    case duckdb::PhysicalType::BOOL:
      return ExecuteStored<bool>(chunk, result);
    case duckdb::PhysicalType::INT8:
      return ExecuteStored<int8_t>(chunk, result);
    case duckdb::PhysicalType::INT16:
      return ExecuteStored<int16_t>(chunk, result);
    case duckdb::PhysicalType::INT32:
      return ExecuteStored<int32_t>(chunk, result);
    case duckdb::PhysicalType::INT64:
      return ExecuteStored<int64_t>(chunk, result);
    case duckdb::PhysicalType::INT128:
      return ExecuteStored<hugeint_t>(chunk, result);
    case duckdb::PhysicalType::FLOAT:
      return ExecuteStored<float>(chunk, result);
    case duckdb::PhysicalType::DOUBLE:
      return ExecuteStored<double>(chunk, result);
    default:
      return ExecuteStored<string_t>(chunk, result);
  }
}

int ConstantOf(duckdb::ClientContext& context, const duckdb::Expression& argument) {
  if (!argument.IsFoldable()) {
    FailFunction(errors::EXPRESSION_NOT_CONSTANT, "precision and scale of a decimal must be constant");
  }
  return duckdb::ExpressionExecutor::EvaluateScalar(context, argument).GetValue<int32_t>();
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType& type = arguments[0]->return_type;
  function.arguments[0] = type.id() == LogicalTypeId::SQLNULL ? LogicalType(LogicalType::INTEGER) : type;
  const int precision = ConstantOf(context, *arguments[1]);
  const int scale = ConstantOf(context, *arguments[2]);
  if (precision < 1 || precision > kMaxDecimalDigits || scale < 0 || scale > precision) {
    FailFunction(errors::INVALID_FUNCTION_ARGUMENT,
                 fmt::format("no such type: decimal({}, {})", precision, scale));
  }
  function.SetReturnType(LogicalType::DECIMAL(precision, scale));
  return nullptr;
}

}  // namespace

void AddCastsToDecimal(FunctionSet& functions) {
  for (const LogicalType& type :
       {LogicalType(LogicalType::VARCHAR), LogicalType(LogicalType::BOOLEAN),
        LogicalType(LogicalType::TINYINT), LogicalType(LogicalType::SMALLINT),
        LogicalType(LogicalType::INTEGER), LogicalType(LogicalType::BIGINT), LogicalType(LogicalType::FLOAT),
        LogicalType(LogicalType::DOUBLE), LogicalType(LogicalTypeId::DECIMAL)}) {
    functions.Add(duckdb::ScalarFunction("trino_cast_to_decimal",
                                         {type, LogicalType::INTEGER, LogicalType::INTEGER},
                                         LogicalType(LogicalTypeId::DECIMAL), Execute, Bind));
  }
}

}  // namespace planaria::kernel
