#include "connector/files/column_types.h"

namespace planaria::connector::files {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

bool IsTimestamp(const LogicalType& type) {
  return type.id() == LogicalTypeId::TIMESTAMP || type.id() == LogicalTypeId::TIMESTAMP_NS;
}

}  // namespace

LogicalType TrinoTypeOf(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::UTINYINT:
      return LogicalType::SMALLINT;
    case LogicalTypeId::USMALLINT:
      return LogicalType::INTEGER;
    case LogicalTypeId::UINTEGER:
      return LogicalType::BIGINT;
    case LogicalTypeId::UBIGINT:
      return LogicalType::DECIMAL(20, 0);
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT:
      return LogicalType::DECIMAL(38, 0);
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
      return LogicalType::TIMESTAMP;
    case LogicalTypeId::ENUM:
    case LogicalTypeId::BIT:
    case LogicalTypeId::SQLNULL:
    case LogicalTypeId::UNION:
      return LogicalType::VARCHAR;
    case LogicalTypeId::VARCHAR:
      return LogicalType::VARCHAR;
    case LogicalTypeId::LIST:
      return LogicalType::LIST(TrinoTypeOf(duckdb::ListType::GetChildType(type)));
    case LogicalTypeId::ARRAY:
      return LogicalType::LIST(TrinoTypeOf(duckdb::ArrayType::GetChildType(type)));
    case LogicalTypeId::MAP:
      return LogicalType::MAP(TrinoTypeOf(duckdb::MapType::KeyType(type)),
                              TrinoTypeOf(duckdb::MapType::ValueType(type)));
    case LogicalTypeId::STRUCT: {
      duckdb::child_list_t<LogicalType> fields;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        fields.emplace_back(name, TrinoTypeOf(child));
      }
      return LogicalType::STRUCT(std::move(fields));
    }
    default:
      return type;
  }
}

bool CommonType(const LogicalType& a, const LogicalType& b, LogicalType& result) {
  if (a == b) {
    result = a;
    return true;
  }
  const bool dates = (a.id() == LogicalTypeId::DATE && IsTimestamp(b)) ||
                     (b.id() == LogicalTypeId::DATE && IsTimestamp(a)) || (IsTimestamp(a) && IsTimestamp(b));
  if (!dates && !(a.IsNumeric() && b.IsNumeric())) return false;
  return LogicalType::TryGetMaxLogicalTypeUnchecked(a, b, result);
}

}  // namespace planaria::connector::files
