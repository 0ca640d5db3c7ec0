// Fields of rows by their position. The kernel's own function for it is pushed into scans by the fields'
// names, which rows without names do not survive.
#include "duckdb/execution/expression_executor.hpp"
#include "kernel/functions/families.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

/// The position is a constant, from 1.
void RowField(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::Vector& rows = chunk.data[0];
  rows.Flatten(chunk.size());
  const auto position = chunk.data[1].GetValue(0).GetValue<int32_t>();
  duckdb::Vector& field = *duckdb::StructVector::GetEntries(rows)[static_cast<size_t>(position - 1)];
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  duckdb::VectorOperations::Copy(field, result, chunk.size(), 0, 0);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (!duckdb::FlatVector::Validity(rows).RowIsValid(row)) duckdb::FlatVector::SetNull(result, row, true);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType& row = arguments[0]->return_type;
  const auto position =
      duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]).GetValue<int32_t>();
  if (row.id() != duckdb::LogicalTypeId::STRUCT || position < 1 ||
      static_cast<size_t>(position) > duckdb::StructType::GetChildCount(row)) {
    FailArgument("A row of type " + row.ToString() + " has no field " + std::to_string(position));
  }
  function.arguments[0] = row;
  function.SetReturnType(duckdb::StructType::GetChildType(row, static_cast<idx_t>(position - 1)));
  return nullptr;
}

}  // namespace

void AddRowFields(FunctionSet& functions) {
  functions.Add(duckdb::ScalarFunction("trino_row_field", {LogicalType::ANY, LogicalType::INTEGER},
                                       LogicalType::ANY, RowField, Bind));
}

}  // namespace planaria::kernel
