#include "kernel/declared_type.h"

namespace planaria::kernel {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using sql::Type;
using Kind = sql::TypeKind;

LogicalType Marked(LogicalType stored, const Type& type) {
  stored.SetAlias(type.ToString());
  return stored;
}

LogicalType TimestampOf(const Type& type) {
  const int32_t precision = type.precision;
  if (precision == 0) return LogicalType::TIMESTAMP_S;
  const LogicalType stored = precision <= 3   ? LogicalType::TIMESTAMP_MS
                             : precision <= 6 ? LogicalType::TIMESTAMP
                                              : LogicalType::UHUGEINT;
  return precision == 3 || precision == 6 ? stored : Marked(stored, type);
}

std::optional<Type> Nested(Kind kind, const duckdb::vector<LogicalType>& children) {
  Type type = Type::Of(kind);
  for (const LogicalType& child : children) {
    auto declared = DeclaredTypeOf(child);
    if (!declared) return std::nullopt;
    type.children.push_back(std::move(*declared));
  }
  return type;
}

std::optional<Type> RowOf(const LogicalType& stored) {
  Type row = Type::Of(Kind::kRow);
  for (const auto& [name, child] : duckdb::StructType::GetChildTypes(stored)) {
    auto declared = DeclaredTypeOf(child);
    if (!declared) return std::nullopt;
    row.children.push_back(std::move(*declared));
    row.field_names.push_back(duckdb::StructType::IsUnnamed(stored) ? "" : name);
  }
  return row;
}

Type Precise(Kind kind, int32_t precision) {
  Type type = Type::Of(kind);
  type.precision = precision;
  return type;
}

}  // namespace

std::optional<Type> DeclaredTypeOf(const LogicalType& stored) {
  switch (stored.id()) {
    case LogicalTypeId::SQLNULL:
      return Type();
    case LogicalTypeId::BOOLEAN:
      return Type::Of(Kind::kBoolean);
    case LogicalTypeId::TINYINT:
      return Type::Of(Kind::kTinyint);
    case LogicalTypeId::SMALLINT:
      return Type::Of(Kind::kSmallint);
    case LogicalTypeId::INTEGER:
      return Type::Of(Kind::kInteger);
    case LogicalTypeId::BIGINT:
      return Type::Of(Kind::kBigint);
    case LogicalTypeId::FLOAT:
      return Type::Of(Kind::kReal);
    case LogicalTypeId::DOUBLE:
      return Type::Of(Kind::kDouble);
    case LogicalTypeId::DECIMAL:
      return Type::Decimal(duckdb::DecimalType::GetWidth(stored), duckdb::DecimalType::GetScale(stored));
    case LogicalTypeId::VARCHAR:
      return stored.IsJSONType() ? Type::Of(Kind::kJson) : Type::Varchar();
    case LogicalTypeId::BLOB:
      return Type::Of(Kind::kVarbinary);
    case LogicalTypeId::UUID:
      return Type::Of(Kind::kUuid);
    case LogicalTypeId::DATE:
      return Type::Of(Kind::kDate);
    case LogicalTypeId::TIME:
      return Precise(Kind::kTime, 6);
    case LogicalTypeId::TIME_TZ:
      return Precise(Kind::kTimeWithTimeZone, 6);
    case LogicalTypeId::TIMESTAMP_SEC:
      return Type::Timestamp(0);
    case LogicalTypeId::TIMESTAMP_MS:
      return Type::Timestamp(3);
    case LogicalTypeId::TIMESTAMP:
      return Type::Timestamp(6);
    case LogicalTypeId::TIMESTAMP_NS:
      return Type::Timestamp(9);
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::UHUGEINT:
      return Precise(Kind::kTimestampWithTimeZone, 6);
    case LogicalTypeId::INTERVAL:
      return Type::Of(Kind::kIntervalDayToSecond);
    case LogicalTypeId::LIST:
      return Nested(Kind::kArray, {duckdb::ListType::GetChildType(stored)});
    case LogicalTypeId::MAP:
      return Nested(Kind::kMap, {duckdb::MapType::KeyType(stored), duckdb::MapType::ValueType(stored)});
    case LogicalTypeId::STRUCT:
      return RowOf(stored);
    default:
      return std::nullopt;
  }
}

std::optional<LogicalType> StoredType(const Type& type) {
  std::vector<LogicalType> children;
  for (const Type& child : type.children) {
    const auto stored = StoredType(child);
    if (!stored) return std::nullopt;
    children.push_back(*stored);
  }
  switch (type.kind) {
    case Kind::kUnknown:
      // The kernel's own choice for NULL.
      return Marked(LogicalType::INTEGER, type);
    case Kind::kBoolean:
      return LogicalType(LogicalType::BOOLEAN);
    case Kind::kTinyint:
      return LogicalType(LogicalType::TINYINT);
    case Kind::kSmallint:
      return LogicalType(LogicalType::SMALLINT);
    case Kind::kInteger:
      return LogicalType(LogicalType::INTEGER);
    case Kind::kBigint:
      return LogicalType(LogicalType::BIGINT);
    case Kind::kReal:
      return LogicalType(LogicalType::FLOAT);
    case Kind::kDouble:
      return LogicalType(LogicalType::DOUBLE);
    case Kind::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision), static_cast<uint8_t>(type.scale));
    case Kind::kVarchar:
      return type.precision == Type::kUnbounded ? LogicalType(LogicalType::VARCHAR)
                                                : Marked(LogicalType::VARCHAR, type);
    case Kind::kChar:
      return Marked(LogicalType::VARCHAR, type);
    case Kind::kVarbinary:
      return LogicalType(LogicalType::BLOB);
    case Kind::kDate:
      return LogicalType(LogicalType::DATE);
    case Kind::kTime:
      return Marked(type.precision > 6 ? LogicalType::UHUGEINT : LogicalType::TIME, type);
    case Kind::kTimeWithTimeZone:
      return Marked(LogicalType::UHUGEINT, type);
    case Kind::kTimestamp:
      return TimestampOf(type);
    case Kind::kTimestampWithTimeZone:
      return Marked(LogicalType::UHUGEINT, type);
    case Kind::kIntervalYearToMonth:
      return Marked(LogicalType::INTERVAL, type);
    case Kind::kIntervalDayToSecond:
      return LogicalType(LogicalType::INTERVAL);
    case Kind::kArray:
      return LogicalType::LIST(children[0]);
    case Kind::kMap:
      return LogicalType::MAP(children[0], children[1]);
    case Kind::kRow: {
      duckdb::child_list_t<LogicalType> fields;
      for (size_t i = 0; i < children.size(); ++i) fields.emplace_back(type.field_names[i], children[i]);
      return LogicalType::STRUCT(std::move(fields));
    }
    case Kind::kJson:
      return LogicalType::JSON();
    case Kind::kUuid:
      return LogicalType(LogicalType::UUID);
    case Kind::kColor:
      return Marked(LogicalType::VARCHAR, type);
    case Kind::kIpAddress:
    case Kind::kHyperLogLog:
    case Kind::kP4HyperLogLog:
    case Kind::kSetDigest:
    case Kind::kTdigest:
    case Kind::kQdigest:
      return Marked(LogicalType::BLOB, type);
  }
  return std::nullopt;
}

bool SameStorage(const LogicalType& left, const LogicalType& right) {
  if (left.id() != right.id()) return false;
  switch (left.id()) {
    case LogicalTypeId::DECIMAL:
      return duckdb::DecimalType::GetWidth(left) == duckdb::DecimalType::GetWidth(right) &&
             duckdb::DecimalType::GetScale(left) == duckdb::DecimalType::GetScale(right);
    case LogicalTypeId::LIST:
      return SameStorage(duckdb::ListType::GetChildType(left), duckdb::ListType::GetChildType(right));
    case LogicalTypeId::MAP:
      return SameStorage(duckdb::MapType::KeyType(left), duckdb::MapType::KeyType(right)) &&
             SameStorage(duckdb::MapType::ValueType(left), duckdb::MapType::ValueType(right));
    case LogicalTypeId::STRUCT: {
      const auto& fields = duckdb::StructType::GetChildTypes(left);
      const auto& others = duckdb::StructType::GetChildTypes(right);
      if (fields.size() != others.size()) return false;
      for (size_t i = 0; i < fields.size(); ++i) {
        if (!SameStorage(fields[i].second, others[i].second)) return false;
      }
      return true;
    }
    default:
      return true;
  }
}

}  // namespace planaria::kernel
