#include "coordinator/system_tables.h"

namespace planaria::coordinator::system_tables {

using connector::Row;
using connector::RowTable;
using duckdb::LogicalType;
using duckdb::Value;

connector::Column SystemColumn(const std::string& name, const LogicalType& type) {
  connector::Column column{name, type};
  if (type.id() == duckdb::LogicalTypeId::TIMESTAMP_TZ) {
    column.declared = sql::Type::Of(sql::TypeKind::kTimestampWithTimeZone);
    column.declared->precision = 3;
  }
  return column;
}

std::vector<connector::Column> Columns(ColumnList columns) {
  std::vector<connector::Column> made;
  for (const auto& [name, type] : columns) made.push_back(SystemColumn(name, type));
  return made;
}

std::shared_ptr<const connector::Table> NoRows(ColumnList columns) {
  return std::make_shared<RowTable>(Columns(columns),
                                    [](duckdb::ClientContext&) { return std::vector<Row>(); });
}

Value Text(const std::string& text) { return Value(text); }
Value OptionalText(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(LogicalType::VARCHAR);
}

Value Time(std::chrono::system_clock::time_point time) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros));
}

Value OptionalTime(const std::optional<std::chrono::system_clock::time_point>& time) {
  return time ? Time(*time) : Value(LogicalType::TIMESTAMP_TZ);
}

}  // namespace planaria::coordinator::system_tables
