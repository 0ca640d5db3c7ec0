// CAST(x AS json) of booleans, numbers, texts, dates, json, and arrays, maps and rows of them.
#include <charconv>
#include <cmath>
#include <map>

#include "duckdb/common/types/decimal.hpp"
#include "kernel/datetime_text.h"
#include "kernel/functions/families.h"
#include "kernel/functions/json_value.h"
#include "kernel/functions/wide_integer.h"
#include "kernel/java_number.h"
#include "kernel/trino_type_name.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Format = duckdb::RecursiveUnifiedVectorFormat;

template <typename T>
const T& At(const Format& format, idx_t index) {
  return duckdb::UnifiedVectorFormat::GetData<T>(format.unified)[index];
}

template <typename T>
void AppendInteger(const Format& format, idx_t index, std::string* out) {
  char buffer[24];
  out->append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), At<T>(format, index)).ptr);
}

void AppendDouble(double value, std::string* out) {
  if (!std::isfinite(value)) out->push_back('"');
  AppendJavaDouble(value, out);
  if (!std::isfinite(value)) out->push_back('"');
}

Int128 UnscaledAt(const LogicalType& type, const Format& format, idx_t index) {
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT16:
      return At<int16_t>(format, index);
    case duckdb::PhysicalType::INT32:
      return At<int32_t>(format, index);
    case duckdb::PhysicalType::INT64:
      return At<int64_t>(format, index);
    default:
      return FromHugeint(At<duckdb::hugeint_t>(format, index));
  }
}

bool IsSupported(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
    case LogicalTypeId::BOOLEAN:
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::DECIMAL:
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::DATE:
      return true;
    case LogicalTypeId::LIST:
      return IsSupported(duckdb::ListType::GetChildType(type));
    case LogicalTypeId::MAP:
      return IsSupported(duckdb::MapType::KeyType(type)) && !duckdb::MapType::KeyType(type).IsNested() &&
             IsSupported(duckdb::MapType::ValueType(type));
    case LogicalTypeId::STRUCT:
      for (const auto& [name, field] : duckdb::StructType::GetChildTypes(type)) {
        if (!IsSupported(field)) return false;
      }
      return true;
    default:
      return false;
  }
}

void AppendValue(const LogicalType& type, const Format& format, idx_t row, std::string* out);

/// Members come in the order of their keys.
void AppendMap(const LogicalType& type, const Format& format, duckdb::list_entry_t entry, std::string* out) {
  const Format& entries = format.children[0];
  std::map<std::string, idx_t> members;
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    std::string key;
    AppendValue(duckdb::MapType::KeyType(type), entries.children[0], i, &key);
    if (!key.starts_with('"')) key = '"' + key + '"';
    members[key] = i;
  }
  out->push_back('{');
  for (const auto& [key, index] : members) {
    if (out->back() != '{') out->push_back(',');
    *out += key;
    out->push_back(':');
    AppendValue(duckdb::MapType::ValueType(type), entries.children[1], index, out);
  }
  out->push_back('}');
}

void AppendRow(const LogicalType& type, const Format& format, idx_t row, std::string* out) {
  const auto& fields = duckdb::StructType::GetChildTypes(type);
  const bool unnamed = duckdb::StructType::IsUnnamed(type);
  out->push_back('{');
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendJsonText(unnamed ? std::string_view() : std::string_view(fields[i].first), out);
    out->push_back(':');
    AppendValue(fields[i].second, format.children[i], row, out);
  }
  out->push_back('}');
}

void AppendValue(const LogicalType& type, const Format& format, idx_t row, std::string* out) {
  const idx_t index = format.unified.sel->get_index(row);
  if (!format.unified.validity.RowIsValid(index)) {
    *out += "null";
    return;
  }
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      *out += At<bool>(format, index) ? "true" : "false";
      break;
    case LogicalTypeId::TINYINT:
      AppendInteger<int8_t>(format, index, out);
      break;
    case LogicalTypeId::SMALLINT:
      AppendInteger<int16_t>(format, index, out);
      break;
    case LogicalTypeId::INTEGER:
      AppendInteger<int32_t>(format, index, out);
      break;
    case LogicalTypeId::BIGINT:
      AppendInteger<int64_t>(format, index, out);
      break;
    case LogicalTypeId::FLOAT: {
      // Trino widens the real's own digits, not its bits.
      std::string text;
      AppendJavaFloat(At<float>(format, index), &text);
      *out += std::isfinite(At<float>(format, index)) ? text : '"' + text + '"';
      break;
    }
    case LogicalTypeId::DOUBLE:
      AppendDouble(At<double>(format, index), out);
      break;
    case LogicalTypeId::DECIMAL:
      AppendDecimal(UnscaledAt(type, format, index), duckdb::DecimalType::GetScale(type), out);
      break;
    case LogicalTypeId::DATE:
      out->push_back('"');
      AppendDate(At<duckdb::date_t>(format, index).days, out);
      out->push_back('"');
      break;
    case LogicalTypeId::VARCHAR: {
      const auto& text = At<duckdb::string_t>(format, index);
      const std::string_view view(text.GetData(), text.GetSize());
      if (type.IsJSONType()) {
        *out += view;
      } else {
        AppendJsonText(view, out);
      }
      break;
    }
    case LogicalTypeId::LIST: {
      const auto entry = At<duckdb::list_entry_t>(format, index);
      out->push_back('[');
      for (idx_t i = 0; i < entry.length; ++i) {
        if (i > 0) out->push_back(',');
        AppendValue(duckdb::ListType::GetChildType(type), format.children[0], entry.offset + i, out);
      }
      out->push_back(']');
      break;
    }
    case LogicalTypeId::MAP:
      AppendMap(type, format, At<duckdb::list_entry_t>(format, index), out);
      break;
    default:
      AppendRow(type, format, row, out);
  }
}

void CastToJson(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::Vector& input = chunk.data[0];
  Format format;
  duckdb::Vector::RecursiveToUnifiedFormat(input, chunk.size(), format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string out;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (!format.unified.validity.RowIsValid(format.unified.sel->get_index(row))) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    out.clear();
    AppendValue(input.GetType(), format, row, &out);
    duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] = duckdb::StringVector::AddString(result, out);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType& type = arguments[0]->return_type;
  if (!IsSupported(type)) {
    FailFunction(errors::NOT_SUPPORTED,
                 "This cast is not supported yet: " + TrinoTypeName(type) + " to json");
  }
  function.arguments[0] = type;
  return nullptr;
}

}  // namespace

void AddCastToJson(FunctionSet& functions) {
  functions.Add(duckdb::ScalarFunction("trino_cast_to_json", {LogicalType::ANY}, LogicalType::JSON(),
                                       CastToJson, Bind));
}

}  // namespace planaria::kernel
