#include "coordinator/describe_output.h"

#include "sql/names.h"

namespace planaria::coordinator {

namespace {

/// Bytes of a value in Trino's blocks; 0 where values differ in size.
int SizeOf(const sql::Type& type) {
  using Kind = sql::TypeKind;
  switch (type.kind) {
    case Kind::kUnknown:
    case Kind::kBoolean:
    case Kind::kTinyint:
      return 1;
    case Kind::kSmallint:
      return 2;
    case Kind::kInteger:
    case Kind::kReal:
    case Kind::kDate:
    case Kind::kIntervalYearToMonth:
      return 4;
    case Kind::kBigint:
    case Kind::kDouble:
    case Kind::kTime:
    case Kind::kIntervalDayToSecond:
      return 8;
    case Kind::kDecimal:
      return type.precision <= 18 ? 8 : 16;
    case Kind::kTimestamp:
      return type.precision <= 6 ? 8 : 12;
    case Kind::kTimestampWithTimeZone:
      return type.precision <= 3 ? 8 : 12;
    case Kind::kTimeWithTimeZone:
      return type.precision <= 9 ? 8 : 12;
    case Kind::kColor:
      return 4;
    case Kind::kUuid:
    case Kind::kIpAddress:
      return 16;
    default:
      return 0;
  }
}

}  // namespace

std::string DescribeOutputQuery(const std::vector<sql::OutputColumn>& columns) {
  std::string rows;
  for (size_t i = 0; i < columns.size(); i++) {
    const sql::OutputColumn& column = columns[i];
    rows += (i == 0 ? "(" : ", (") + std::to_string(i) + ", " + sql::QuoteString(column.name);
    for (size_t part = 0; part < 3; part++) {
      rows += ", " + sql::QuoteString(column.origin.empty() ? "" : column.origin[part]);
    }
    rows += ", " + sql::QuoteString(column.type.ToString()) + ", CAST(" +
            std::to_string(SizeOf(column.type)) + " AS BIGINT), " + (column.aliased ? "true" : "false") + ")";
  }
  const std::string none = "(0, '', '', '', '', '', CAST(0 AS BIGINT), false)";
  return "SELECT \"Column Name\", \"Catalog\", \"Schema\", \"Table\", \"Type\", \"Type Size\", \"Aliased\" "
         "FROM "
         "(VALUES " +
         (columns.empty() ? none : rows) +
         ") AS c(n, \"Column Name\", \"Catalog\", \"Schema\", \"Table\", \"Type\", \"Type Size\", "
         "\"Aliased\")" +
         (columns.empty() ? " WHERE false" : " ORDER BY n");
}

std::string DescribeInputQuery(const std::vector<sql::Type>& types) {
  std::string rows;
  for (size_t i = 0; i < types.size(); i++) {
    rows += (i == 0 ? "(" : ", (") + std::to_string(i) + ", " + sql::QuoteString(types[i].ToString()) + ")";
  }
  return "SELECT CAST(\"Position\" AS BIGINT) AS \"Position\", \"Type\" FROM (VALUES " +
         (types.empty() ? "(0, '')" : rows) + ") AS p(\"Position\", \"Type\")" +
         (types.empty() ? " WHERE false" : " ORDER BY 1");
}

}  // namespace planaria::coordinator
