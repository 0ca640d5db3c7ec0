#include "base/error.h"
#include "kernel/json_rows.h"

namespace planaria::kernel {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using protocol::TrinoType;

namespace {

TrinoType RowOf(const LogicalType& type) {
  std::vector<std::pair<std::optional<std::string>, TrinoType>> fields;
  for (const auto& [name, field] : duckdb::StructType::GetChildTypes(type)) {
    fields.emplace_back(name.empty() ? std::nullopt : std::optional<std::string>(name), TrinoTypeOf(field));
  }
  return TrinoType::Row(std::move(fields));
}

/// `varchar(3)`, `timestamp(1) with time zone`: the name that a type of several uses was given.
std::optional<TrinoType> DeclaredByName(const LogicalType& type) {
  const std::string name = type.HasAlias() ? type.GetAlias() : "";
  if (name.starts_with("qdigest(")) {
    const std::string inner = name.substr(name.find('(') + 1);
    TrinoType digest = TrinoType::Of("qdigest");
    digest.types.push_back(TrinoType::Of(inner.substr(0, inner.find(')'))));
    return digest;
  }
  const size_t open = name.find('(');
  const size_t close = name.find(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  TrinoType declared = TrinoType::Of(name.substr(0, open) + name.substr(close + 1));
  for (size_t at = open; at < close; at = name.find_first_of(",)", at + 1)) {
    declared.numbers.push_back(std::stoll(name.substr(at + 1)));
  }
  return declared;
}

}  // namespace

TrinoType TrinoTypeOf(const LogicalType& type) {
  if (auto declared = DeclaredByName(type)) return std::move(*declared);
  for (const char* name :
       {"unknown", "ipaddress", "color", "HyperLogLog", "P4HyperLogLog", "SetDigest", "tdigest"}) {
    if (type.HasAlias() && type.GetAlias() == name) return TrinoType::Of(name);
  }
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return TrinoType::Of("unknown");
    case LogicalTypeId::BOOLEAN:
      return TrinoType::Of("boolean");
    case LogicalTypeId::TINYINT:
      return TrinoType::Of("tinyint");
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::UTINYINT:
      return TrinoType::Of("smallint");
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::USMALLINT:
      return TrinoType::Of("integer");
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UINTEGER:
      return TrinoType::Of("bigint");
    case LogicalTypeId::UBIGINT:
      return TrinoType::Decimal(20, 0);
    case LogicalTypeId::HUGEINT:
      return TrinoType::Decimal(38, 0);
    case LogicalTypeId::DECIMAL:
      return TrinoType::Decimal(duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type));
    case LogicalTypeId::FLOAT:
      return TrinoType::Of("real");
    case LogicalTypeId::DOUBLE:
      return TrinoType::Of("double");
    case LogicalTypeId::VARCHAR:
      return type.IsJSONType() ? TrinoType::Of("json") : TrinoType::Varchar();
    case LogicalTypeId::ENUM:
    case LogicalTypeId::BIT:
      return TrinoType::Varchar();
    case LogicalTypeId::BLOB:
      return TrinoType::Of("varbinary");
    case LogicalTypeId::UUID:
      return TrinoType::Of("uuid");
    case LogicalTypeId::DATE:
      return TrinoType::Of("date");
    case LogicalTypeId::TIME:
      return TrinoType::Time(6);
    case LogicalTypeId::TIME_NS:
      return TrinoType::Time(9);
    case LogicalTypeId::TIME_TZ:
      return TrinoType::TimeWithTimeZone(6);
    case LogicalTypeId::TIMESTAMP_SEC:
      return TrinoType::Timestamp(0);
    case LogicalTypeId::TIMESTAMP_MS:
      return TrinoType::Timestamp(3);
    case LogicalTypeId::TIMESTAMP:
      return TrinoType::Timestamp(6);
    case LogicalTypeId::TIMESTAMP_NS:
      return TrinoType::Timestamp(9);
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::UHUGEINT:
      return TrinoType::TimestampWithTimeZone(6);
    case LogicalTypeId::INTERVAL:
      return TrinoType::Of(type.GetAlias() == "interval year to month" ? "interval year to month"
                                                                       : "interval day to second");
    case LogicalTypeId::LIST:
      return TrinoType::Array(TrinoTypeOf(duckdb::ListType::GetChildType(type)));
    case LogicalTypeId::ARRAY:
      return TrinoType::Array(TrinoTypeOf(duckdb::ArrayType::GetChildType(type)));
    case LogicalTypeId::MAP:
      return TrinoType::Map(TrinoTypeOf(duckdb::MapType::KeyType(type)),
                            TrinoTypeOf(duckdb::MapType::ValueType(type)));
    case LogicalTypeId::STRUCT:
      return RowOf(type);
    default:
      throw TrinoException(errors::NOT_SUPPORTED, "No client type for values of type " + type.ToString());
  }
}

}  // namespace planaria::kernel
