// Casts, written and implied. What a cast of an array, map or row is made of casts of what it holds.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/row_field.h"
#include "sql/analyzer/time_casts.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;

/// `$1` of the pattern replaced.
std::string With(std::string_view pattern, std::string_view value) {
  std::string text;
  for (size_t at = pattern.find("$1"); at != std::string_view::npos; at = pattern.find("$1")) {
    text += pattern.substr(0, at);
    text += value;
    pattern.remove_prefix(at + 2);
  }
  return text + std::string(pattern);
}

/// Of fields that all have names, and others, in the kernel's eyes, than the rest: it knows them apart by
/// these alone. Other rows have none there.
bool HasNames(const Type& row) {
  std::set<std::string> names;
  return std::all_of(row.field_names.begin(), row.field_names.end(), [&](const std::string& name) {
    return !name.empty() && names.insert(LowerCase(name)).second;
  });
}

/// The kernel pushes its own function into scans by the field's name.
std::string_view FieldFunction(const Type& row) {
  return HasNames(row) ? "struct_extract_at" : "trino_row_field";
}

/// A row of these texts, with its fields' names when all have one.
std::string RowText(const Type& row, const std::vector<std::string>& values) {
  const bool named = HasNames(row);
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    if (row.field_names[i].find('$') != std::string::npos)
      throw NotAnalyzed{{}, "a field with $ in its name"};
    if (named) text += QuoteName(row.field_names[i]) + " := ";
    text += values[i];
  }
  return (named ? "struct_pack(" : "row(") + text + ")";
}

/// Casts below arrays, maps and rows, as patterns of `$1`.
class CastWriter {
 public:
  std::string Pattern(const Type& from, const Type& to) {
    if (from == to) return "$1";
    if (from.Is(Kind::kUnknown)) return NullText(to);
    if (to.Is(Kind::kJson)) return ToJson(from);
    if (from.Is(Kind::kJson)) return FromJson(to);
    if (to.Is(Kind::kArray) || to.Is(Kind::kMap) || to.Is(Kind::kRow)) RequireLike(from, to);
    if (to.Is(Kind::kArray)) return OfArray(Pattern(from.children[0], to.children[0]), "$1");
    if (to.Is(Kind::kMap)) {
      return OfMap(Pattern(from.children[0], to.children[0]), Pattern(from.children[1], to.children[1]),
                   "$1");
    }
    if (to.Is(Kind::kRow)) return OfRow(from, to);
    return Plain(from, to);
  }

 private:
  /// What CanCast and CanCoerce have made sure of.
  static void RequireLike(const Type& from, const Type& to) {
    if (from.kind != to.kind || from.children.size() != to.children.size()) {
      throw TrinoException(errors::TYPE_MISMATCH,
                           fmt::format("Cannot cast {} to {}", from.ToString(), to.ToString()));
    }
  }

  std::string Variable() { return fmt::format("\"element {}\"", ++variables_); }

  std::string OfArray(const std::string& element, std::string_view list) {
    if (element == "$1") return std::string(list);
    const std::string variable = Variable();
    return fmt::format("list_transform({}, lambda {}: {})", list, variable, With(element, variable));
  }

  std::string OfMap(const std::string& key, const std::string& value, std::string_view map) {
    if (key == "$1" && value == "$1") return std::string(map);
    const std::string entry = Variable();
    return fmt::format("trino_map_from_entries(list_transform(map_entries({}), lambda {}: row({}, {})))", map,
                       entry, With(key, fmt::format("struct_extract_at({}, 1)", entry)),
                       With(value, fmt::format("struct_extract_at({}, 2)", entry)));
  }

  std::string OfRow(const Type& from, const Type& to) {
    std::vector<std::string> fields;
    bool same = from.field_names == to.field_names;
    for (size_t i = 0; i < to.children.size(); ++i) {
      const std::string field = Pattern(from.children[i], to.children[i]);
      same = same && field == "$1";
      fields.push_back(With(field, fmt::format("{}($1, {})", FieldFunction(from), i + 1)));
    }
    if (same) return "$1";
    return fmt::format("CASE WHEN $1 IS NULL THEN NULL ELSE {} END", RowText(to, fields));
  }

  std::string ToJson(const Type& from) {
    // The function knows no times.
    const Type text = WithoutTimes(from);
    return With("trino_cast_to_json($1)", Pattern(from, text));
  }

  static Type WithoutTimes(Type type) {
    if (type.kind >= Kind::kTime && type.kind <= Kind::kTimestampWithTimeZone) return Type::Varchar();
    for (Type& child : type.children) child = WithoutTimes(child);
    return type;
  }

  std::string FromJson(const Type& to) {
    switch (to.kind) {
      case Kind::kBoolean:
      case Kind::kTinyint:
      case Kind::kSmallint:
      case Kind::kInteger:
      case Kind::kBigint:
      case Kind::kDouble:
        return fmt::format("trino_json_to_{}($1)", to.ToString());
      case Kind::kDecimal:
        return With(Pattern(Type::Varchar(), to), "trino_json_to_digits($1)");
      case Kind::kReal:
        return "trino_cast_to_real(trino_json_to_double($1))";
      case Kind::kArray:
        return OfArray(MemberFromJson(to.children[0]), "CAST($1 AS JSON[])");
      case Kind::kMap:
        return OfMap(Pattern(Type::Varchar(), to.children[0]), MemberFromJson(to.children[1]),
                     "CAST($1 AS MAP(VARCHAR, JSON))");
      case Kind::kRow:
        return RowFromJson(to);
      case Kind::kJson:
        return "$1";
      default:
        return With(Pattern(Type::Varchar(), to), "trino_json_to_varchar($1)");
    }
  }

  /// Of an array or map, where the kernel has NULL for JSON's null.
  std::string MemberFromJson(const Type& to) {
    return to.Is(Kind::kJson) ? "coalesce($1, CAST('null' AS JSON))" : FromJson(to);
  }

  std::string RowFromJson(const Type& to) {
    std::vector<std::string> by_name, by_position;
    for (size_t i = 0; i < to.children.size(); ++i) {
      const std::string field = FromJson(to.children[i]);
      const std::string path = QuoteString("$." + QuoteName(to.field_names[i]));
      by_name.push_back(With(field, fmt::format("json_extract($1, {})", path)));
      by_position.push_back(With(field, fmt::format("json_extract($1, '$[{}]')", i)));
    }
    const std::string array = RowText(to, by_position);
    return fmt::format(
        "CASE coalesce(json_type($1), 'NULL') WHEN 'NULL' THEN NULL WHEN 'ARRAY' THEN {} ELSE {} END", array,
        HasNames(to) ? RowText(to, by_name) : array);
  }

  /// Between types that hold no others.
  static std::string Plain(const Type& from, const Type& to) {
    const bool text = from.IsText();
    if (to.IsInteger() && (text || from.IsFloat() || (from.IsNumber() && !CanCoerce(from, to)))) {
      return fmt::format("trino_cast_to_{}($1)", to.ToString());
    }
    if (to.IsFloat() && text) return fmt::format("trino_cast_to_{}($1)", to.ToString());
    if (to.Is(Kind::kDecimal) && !CanCoerce(from, to)) {
      return fmt::format("trino_cast_to_decimal($1, {}, {})", to.precision, to.scale);
    }
    if (to.Is(Kind::kBoolean) && (text || from.IsNumber())) return "trino_cast_to_boolean($1)";
    if (to.Is(Kind::kChar)) {
      return fmt::format("trino_cast_to_char({}, {})", text ? "$1" : Plain(from, Type::Varchar()),
                         to.precision);
    }
    if (to.Is(Kind::kVarchar)) return ToVarchar(from, to);
    if (to.Is(Kind::kVarbinary) && text) return "trino_to_utf8($1)";
    if (to.Is(Kind::kP4HyperLogLog) && from.Is(Kind::kHyperLogLog)) return "trino_dense_hyperloglog($1)";
    if (from.IsSketch() || to.IsSketch()) return "$1";
    if (to.Is(Kind::kIpAddress)) return "trino_cast_to_ipaddress($1)";
    if (from.Is(Kind::kIpAddress)) return "$1";
    const auto time = [](const Type& type) {
      return type.kind >= Kind::kDate && type.kind <= Kind::kTimestampWithTimeZone;
    };
    if (time(to) && (text || time(from))) return TimeCast(from, to);
    return fmt::format("CAST($1 AS {})", StorageName(to));
  }

  static std::string ToVarchar(const Type& from, const Type& to) {
    if (from.IsText()) {
      const std::string value = "$1";
      if (to.precision >= from.precision) return value;
      return fmt::format("trino_truncated_varchar({}, {})", value, to.precision);
    }
    const bool time = from.kind >= Kind::kTime && from.kind <= Kind::kTimestampWithTimeZone;
    const bool ours = from.IsNumber() || from.Is(Kind::kBoolean) || from.Is(Kind::kDate);
    const std::string value = from.Is(Kind::kIpAddress)             ? "trino_ipaddress_to_varchar($1)"
                              : time                                ? TimeToVarchar(from)
                              : from.Is(Kind::kIntervalDayToSecond) ? "trino_day_to_second_to_varchar($1)"
                              : from.Is(Kind::kIntervalYearToMonth) ? "trino_year_to_month_to_varchar($1)"
                              : ours                                ? "trino_cast_to_varchar($1)"
                                                                    : "CAST($1 AS VARCHAR)";
    if (to.precision == Type::kUnbounded) return value;
    return fmt::format("trino_checked_varchar({}, {})", value, to.precision);
  }

  int variables_ = 0;
};

}  // namespace

Typed FieldOfRow(const Typed& row, size_t index, ErrorLocation location) {
  return Compose(row.type.children[index], location,
                 {FieldFunction(row.type), "(", &row, ", ", std::to_string(index + 1), ")"});
}

std::string StorageName(const Type& type) {
  switch (type.kind) {
    case Kind::kUnknown:
      throw NotAnalyzed{{}, "a value of unknown type"};
    case Kind::kVarchar:
    case Kind::kChar:
    case Kind::kColor:
      return "VARCHAR";
    case Kind::kVarbinary:
    case Kind::kIpAddress:
    case Kind::kHyperLogLog:
    case Kind::kP4HyperLogLog:
    case Kind::kSetDigest:
    case Kind::kTdigest:
    case Kind::kQdigest:
      return "BLOB";
    case Kind::kTime:
      return IsFine(type) ? "UHUGEINT" : "TIME";
    case Kind::kTimestamp:
      return type.precision == 0   ? "TIMESTAMP_S"
             : type.precision <= 3 ? "TIMESTAMP_MS"
             : type.precision <= 6 ? "TIMESTAMP"
                                   : "UHUGEINT";
    case Kind::kTimeWithTimeZone:
    case Kind::kTimestampWithTimeZone:
      return "UHUGEINT";
    case Kind::kIntervalYearToMonth:
    case Kind::kIntervalDayToSecond:
      return "INTERVAL";
    case Kind::kArray:
      return StorageName(type.children[0]) + "[]";
    case Kind::kMap:
      return fmt::format("MAP({}, {})", StorageName(type.children[0]), StorageName(type.children[1]));
    case Kind::kRow: {
      if (!HasNames(type)) throw NotAnalyzed{{}, "a row without field names"};
      std::string fields;
      for (size_t i = 0; i < type.children.size(); ++i) {
        if (i > 0) fields += ", ";
        fields += QuoteName(type.field_names[i]) + " " + StorageName(type.children[i]);
      }
      return fmt::format("STRUCT({})", fields);
    }
    default:
      return type.ToString();
  }
}

std::string NullText(const Type& type) {
  switch (type.kind) {
    case Kind::kUnknown:
      return "NULL";
    case Kind::kArray:
      return fmt::format("CASE WHEN false THEN [{}] END", NullText(type.children[0]));
    case Kind::kMap:
      return fmt::format("CASE WHEN false THEN map([{}], [{}]) END", NullText(type.children[0]),
                         NullText(type.children[1]));
    case Kind::kRow: {
      std::vector<std::string> fields;
      for (const Type& child : type.children) fields.push_back(NullText(child));
      return fmt::format("CASE WHEN false THEN {} END", RowText(type, fields));
    }
    default:
      return fmt::format("CAST(NULL AS {})", StorageName(type));
  }
}

Typed Coerce(Typed value, const Type& type) {
  if (value.type == type) return value;
  if (value.parameter_type != nullptr && value.type.Is(Kind::kUnknown)) *value.parameter_type = type;
  const bool digits_only = value.sql.text().find_first_not_of("0123456789") == std::string::npos;
  if (type.Is(Kind::kDecimal) && value.type.IsInteger() && digits_only && !value.sql.text().empty()) {
    // No more digits than the literal has: the kernel would compute with the widest operand's.
    const auto digits = static_cast<int32_t>(value.sql.text().size());
    const Type narrow = Type::Decimal(std::min(type.precision, digits + type.scale), type.scale);
    return Compose(type, value.location, {"CAST(", &value, fmt::format(" AS {})", StorageName(narrow))});
  }
  if (SameStorage(value.type, type) && !type.Is(Kind::kChar)) {
    value.type = type;
    return value;
  }
  const bool untyped = value.type.Is(Kind::kUnknown) && type.children.empty();
  const std::string pattern =
      untyped ? fmt::format("CAST($1 AS {})", StorageName(type)) : CastWriter().Pattern(value.type, type);
  return Expand(type, value.location, pattern, {value});
}

Typed CastTo(Typed value, const Type& type, bool safe, ErrorLocation location) {
  if (!CanCast(value.type, type)) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Cannot cast {} to {}", value.type.ToString(), type.ToString()));
  }
  value.location = location;
  if (type.Is(Kind::kUnknown) && value.type.Is(Kind::kUnknown)) return value;
  const bool plain = type.children.empty() &&
                     (value.type.Is(Kind::kUnknown) || (value.type == type && !type.Is(Kind::kVarchar)));
  const std::string pattern =
      plain ? fmt::format("CAST($1 AS {})", StorageName(type)) : CastWriter().Pattern(value.type, type);
  return Expand(type, location, safe && pattern != "$1" ? "TRY(" + pattern + ")" : pattern, {value});
}

}  // namespace planaria::sql
