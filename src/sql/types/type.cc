#include "sql/types/type.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/names.h"

namespace planaria::sql {

std::string Type::ToString() const {
  switch (kind) {
    case TypeKind::kUnknown:
      return "unknown";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kTinyint:
      return "tinyint";
    case TypeKind::kSmallint:
      return "smallint";
    case TypeKind::kInteger:
      return "integer";
    case TypeKind::kBigint:
      return "bigint";
    case TypeKind::kReal:
      return "real";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return fmt::format("decimal({},{})", precision, scale);
    case TypeKind::kVarchar:
      return precision == kUnbounded ? "varchar" : fmt::format("varchar({})", precision);
    case TypeKind::kChar:
      return fmt::format("char({})", precision);
    case TypeKind::kVarbinary:
      return "varbinary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return fmt::format("time({})", precision);
    case TypeKind::kTimeWithTimeZone:
      return fmt::format("time({}) with time zone", precision);
    case TypeKind::kTimestamp:
      return fmt::format("timestamp({})", precision);
    case TypeKind::kTimestampWithTimeZone:
      return fmt::format("timestamp({}) with time zone", precision);
    case TypeKind::kIntervalYearToMonth:
      return "interval year to month";
    case TypeKind::kIntervalDayToSecond:
      return "interval day to second";
    case TypeKind::kArray:
      return fmt::format("array({})", children[0].ToString());
    case TypeKind::kMap:
      return fmt::format("map({})", TypeList(children));
    case TypeKind::kRow: {
      std::vector<std::string> fields;
      for (size_t i = 0; i < children.size(); ++i) {
        const std::string name = field_names[i].empty() ? "" : QuoteName(field_names[i]) + " ";
        fields.push_back(name + children[i].ToString());
      }
      return fmt::format("row({})", fmt::join(fields, ", "));
    }
    case TypeKind::kJson:
      return "json";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kIpAddress:
      return "ipaddress";
    case TypeKind::kColor:
      return "color";
    case TypeKind::kHyperLogLog:
      return "HyperLogLog";
    case TypeKind::kP4HyperLogLog:
      return "P4HyperLogLog";
    case TypeKind::kSetDigest:
      return "SetDigest";
    case TypeKind::kTdigest:
      return "tdigest";
    case TypeKind::kQdigest:
      return fmt::format("qdigest({})", children[0].ToString());
  }
  return "unknown";
}

std::string TypeList(const std::vector<Type>& types) {
  std::vector<std::string> texts;
  for (const Type& type : types) texts.push_back(type.ToString());
  return fmt::format("{}", fmt::join(texts, ", "));
}

bool Type::IsComparable() const {
  return !IsSketch() && std::all_of(children.begin(), children.end(),
                                    [](const Type& child) { return child.IsComparable(); });
}

bool Type::IsOrderable() const {
  return !IsSketch() && kind != TypeKind::kMap && kind != TypeKind::kJson &&
         std::all_of(children.begin(), children.end(), [](const Type& child) { return child.IsOrderable(); });
}

}  // namespace planaria::sql
