#include "kernel/trino_type_name.h"

#include "duckdb/common/string_util.hpp"

namespace planaria::kernel {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

std::string RowName(const LogicalType& type) {
  std::string fields;
  for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
    fields += fields.empty() ? "" : ", ";
    if (!name.empty()) fields += '"' + duckdb::StringUtil::Replace(name, "\"", "\"\"") + "\" ";
    fields += TrinoTypeName(child);
  }
  return "row(" + fields + ")";
}

}  // namespace

std::string TrinoTypeName(const LogicalType& type) {
  if (type.IsJSONType()) return "json";
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return "unknown";
    case LogicalTypeId::FLOAT:
      return "real";
    case LogicalTypeId::BLOB:
      return "varbinary";
    case LogicalTypeId::DECIMAL:
      return "decimal(" + std::to_string(duckdb::DecimalType::GetWidth(type)) + "," +
             std::to_string(duckdb::DecimalType::GetScale(type)) + ")";
    case LogicalTypeId::TIME:
      return "time(6)";
    case LogicalTypeId::TIME_TZ:
      return "time(6) with time zone";
    case LogicalTypeId::TIMESTAMP_SEC:
      return "timestamp(0)";
    case LogicalTypeId::TIMESTAMP_MS:
      return "timestamp(3)";
    case LogicalTypeId::TIMESTAMP:
      return "timestamp(6)";
    case LogicalTypeId::TIMESTAMP_NS:
      return "timestamp(9)";
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::UHUGEINT:
      return "timestamp(6) with time zone";
    case LogicalTypeId::INTERVAL:
      return "interval day to second";
    case LogicalTypeId::HUGEINT:
      return "decimal(38,0)";
    case LogicalTypeId::LIST:
      return "array(" + TrinoTypeName(duckdb::ListType::GetChildType(type)) + ")";
    case LogicalTypeId::ARRAY:
      return "array(" + TrinoTypeName(duckdb::ArrayType::GetChildType(type)) + ")";
    case LogicalTypeId::MAP:
      return "map(" + TrinoTypeName(duckdb::MapType::KeyType(type)) + ", " +
             TrinoTypeName(duckdb::MapType::ValueType(type)) + ")";
    case LogicalTypeId::STRUCT:
      return RowName(type);
    default:
      return duckdb::StringUtil::Lower(type.ToString());
  }
}

}  // namespace planaria::kernel
