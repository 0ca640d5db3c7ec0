#include "kernel/functions/moment_order.h"

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/collation_binding.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "kernel/moment.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

constexpr const char* kKeyOfNested = "trino_nested_moment_key";

bool HoldsMoments(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::UHUGEINT:
      return true;
    case LogicalTypeId::LIST:
      return HoldsMoments(duckdb::ListType::GetChildType(type));
    case LogicalTypeId::MAP:
      return HoldsMoments(duckdb::MapType::KeyType(type)) || HoldsMoments(duckdb::MapType::ValueType(type));
    case LogicalTypeId::STRUCT:
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        if (HoldsMoments(child)) return true;
      }
      return false;
    default:
      return false;
  }
}

/// Of a flat vector and all below it.
void ClearZones(Vector& vector, idx_t count) {
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::UINT128: {
      auto* moments = duckdb::FlatVector::GetData<duckdb::uhugeint_t>(vector);
      for (idx_t i = 0; i < count; ++i) moments[i] = WithoutZone(moments[i]);
      return;
    }
    case duckdb::PhysicalType::LIST:
      return ClearZones(duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector));
    case duckdb::PhysicalType::STRUCT:
      for (auto& child : duckdb::StructVector::GetEntries(vector)) ClearZones(*child, count);
      return;
    default:
      return;
  }
}

void KeyOfNested(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  duckdb::VectorOperations::Copy(chunk.data[0], result, chunk.size(), 0, 0);
  ClearZones(result, chunk.size());
}

duckdb::unique_ptr<duckdb::FunctionData> BindKeyOfNested(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.return_type = arguments[0]->return_type;
  return nullptr;
}

bool PushKey(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::Expression>& source,
             const LogicalType& type, duckdb::CollationType) {
  if (!HoldsMoments(type)) return false;
  const bool nested = type.id() != LogicalTypeId::UHUGEINT;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
  arguments.push_back(std::move(source));
  duckdb::ErrorData error;
  source = duckdb::FunctionBinder(context).BindScalarFunction(
      DEFAULT_SCHEMA, nested ? kKeyOfNested : "trino_moment_key", std::move(arguments), error);
  if (!source) error.Throw();
  return true;
}

}  // namespace

void RegisterMomentOrder(duckdb::DatabaseInstance& database) {
  duckdb::ScalarFunction nested(kKeyOfNested, {LogicalType::ANY}, LogicalType::ANY, KeyOfNested,
                                BindKeyOfNested);
  duckdb::ExtensionLoader(database, "planaria").RegisterFunction(std::move(nested));
  duckdb::CollationBinding::Get(database).RegisterCollation(duckdb::CollationCallback(PushKey));
}

}  // namespace planaria::kernel
