#include "kernel/functions/equality.h"

#include "duckdb/common/types/interval.hpp"
#include "kernel/functions/families.h"
#include "kernel/moment.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::PhysicalType;
using Format = duckdb::RecursiveUnifiedVectorFormat;

/// A place in a vector that may be nested.
struct Place {
  const Format& format;
  idx_t row;

  idx_t index() const { return format.unified.sel->get_index(row); }
  bool IsNull() const { return !format.unified.validity.RowIsValid(index()); }
  template <typename T>
  const T& Value() const {
    return duckdb::UnifiedVectorFormat::GetData<T>(format.unified)[index()];
  }
};

Equality Known(bool equal) { return equal ? Equality::kEqual : Equality::kDifferent; }

template <typename T>
Equality Plain(Place left, Place right) {
  return Known(left.Value<T>() == right.Value<T>());
}

Equality Of(const LogicalType& type, Place left, Place right);

Equality OfLists(const LogicalType& type, Place left, Place right) {
  const auto a = left.Value<duckdb::list_entry_t>(), b = right.Value<duckdb::list_entry_t>();
  if (a.length != b.length) return Equality::kDifferent;
  const LogicalType& element = duckdb::ListType::GetChildType(type);
  Equality whole = Equality::kEqual;
  for (idx_t i = 0; i < a.length; ++i) {
    const Equality one =
        Of(element, {left.format.children[0], a.offset + i}, {right.format.children[0], b.offset + i});
    if (one == Equality::kDifferent) return one;
    if (one == Equality::kUnknown) whole = one;
  }
  return whole;
}

Equality OfMaps(const LogicalType& type, Place left, Place right) {
  const auto a = left.Value<duckdb::list_entry_t>(), b = right.Value<duckdb::list_entry_t>();
  if (a.length != b.length) return Equality::kDifferent;
  const Format& left_entries = left.format.children[0];
  const Format& right_entries = right.format.children[0];
  const auto field = [](const Format& entries, size_t child, idx_t row) {
    return Place{entries.children[child], entries.unified.sel->get_index(row)};
  };
  Equality whole = Equality::kEqual;
  for (idx_t i = a.offset; i < a.offset + a.length; ++i) {
    Equality one = Equality::kDifferent;
    for (idx_t j = b.offset; j < b.offset + b.length && one == Equality::kDifferent; ++j) {
      const Equality keys =
          Of(duckdb::MapType::KeyType(type), field(left_entries, 0, i), field(right_entries, 0, j));
      if (keys != Equality::kEqual) continue;
      one = Of(duckdb::MapType::ValueType(type), field(left_entries, 1, i), field(right_entries, 1, j));
      break;
    }
    if (one == Equality::kDifferent) return one;
    if (one == Equality::kUnknown) whole = one;
  }
  return whole;
}

Equality OfRows(const LogicalType& type, Place left, Place right) {
  const auto& fields = duckdb::StructType::GetChildTypes(type);
  Equality whole = Equality::kEqual;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Equality one = Of(fields[i].second, {left.format.children[i], left.index()},
                            {right.format.children[i], right.index()});
    if (one == Equality::kDifferent) return one;
    if (one == Equality::kUnknown) whole = one;
  }
  return whole;
}

Equality Of(const LogicalType& type, Place left, Place right) {
  if (left.IsNull() || right.IsNull()) return Equality::kUnknown;
  if (type.id() == duckdb::LogicalTypeId::MAP) return OfMaps(type, left, right);
  switch (type.InternalType()) {
    case PhysicalType::BOOL:
      return Plain<bool>(left, right);
    case PhysicalType::INT8:
      return Plain<int8_t>(left, right);
    case PhysicalType::INT16:
      return Plain<int16_t>(left, right);
    case PhysicalType::INT32:
      return Plain<int32_t>(left, right);
    case PhysicalType::INT64:
      return Plain<int64_t>(left, right);
    case PhysicalType::UINT64:
      return Plain<uint64_t>(left, right);
    case PhysicalType::INT128:
      return Plain<duckdb::hugeint_t>(left, right);
    case PhysicalType::UINT128:
      // A time with a zone, or a fine one.
      return Known(WithoutZone(left.Value<duckdb::uhugeint_t>()) ==
                   WithoutZone(right.Value<duckdb::uhugeint_t>()));
    case PhysicalType::FLOAT:
      return Plain<float>(left, right);
    case PhysicalType::DOUBLE:
      return Plain<double>(left, right);
    case PhysicalType::VARCHAR:
      return Plain<duckdb::string_t>(left, right);
    case PhysicalType::INTERVAL:
      return Known(
          duckdb::Interval::Equals(left.Value<duckdb::interval_t>(), right.Value<duckdb::interval_t>()));
    case PhysicalType::LIST:
      return OfLists(type, left, right);
    case PhysicalType::STRUCT:
      return OfRows(type, left, right);
    default:
      FailFunction(errors::NOT_SUPPORTED, "Values of type " + type.ToString() + " are not compared");
  }
}

void NestedEqual(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const ComparedValues left(chunk.data[0], chunk.size()), right(chunk.data[1], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const Equality equality = Compare(left, row, right, row);
    duckdb::FlatVector::GetData<bool>(result)[row] = equality == Equality::kEqual;
    if (equality == Equality::kUnknown) duckdb::FlatVector::SetNull(result, row, true);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindOneType(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType type =
      LogicalType::MaxLogicalType(context, arguments[0]->return_type, arguments[1]->return_type);
  function.arguments = {type, type};
  return nullptr;
}

}  // namespace

ComparedValues::ComparedValues(duckdb::Vector& vector, idx_t count) : type(vector.GetType()) {
  duckdb::Vector::RecursiveToUnifiedFormat(vector, count, format);
}

bool ComparedValues::IsNull(idx_t row) const { return Place{format, row}.IsNull(); }

Equality Compare(const ComparedValues& left, idx_t left_row, const ComparedValues& right, idx_t right_row) {
  return Of(left.type, {left.format, left_row}, {right.format, right_row});
}

void AddEquality(FunctionSet& functions) {
  functions.Add(duckdb::ScalarFunction("trino_nested_equal", {LogicalType::ANY, LogicalType::ANY},
                                       LogicalType::BOOLEAN, NestedEqual, BindOneType));
}

}  // namespace planaria::kernel
