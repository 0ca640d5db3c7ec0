#include "sql/analyzer/literals.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "sql/analyzer/operators.h"
#include "sql/error_at.h"
#include "sql/interval_text.h"
#include "sql/lowering/lowering.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql {

namespace {

int32_t CodePoints(std::string_view text) {
  return static_cast<int32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

int32_t NumberOf(const ast::TypeParameter& parameter, ErrorLocation location) {
  const auto* text = std::get_if<std::string>(&parameter);
  const auto number = text == nullptr ? std::nullopt : BigintOf(*text);
  if (!number || *number < 0 || *number > Type::kUnbounded) {
    ThrowAt(errors::TYPE_NOT_FOUND, location, "Unknown type");
  }
  return static_cast<int32_t>(*number);
}

std::optional<TypeKind> PlainKind(std::string_view name) {
  static constexpr std::pair<std::string_view, TypeKind> kNames[] = {
      {"boolean", TypeKind::kBoolean},
      {"tinyint", TypeKind::kTinyint},
      {"smallint", TypeKind::kSmallint},
      {"integer", TypeKind::kInteger},
      {"int", TypeKind::kInteger},
      {"bigint", TypeKind::kBigint},
      {"real", TypeKind::kReal},
      {"double", TypeKind::kDouble},
      {"varbinary", TypeKind::kVarbinary},
      {"date", TypeKind::kDate},
      {"json", TypeKind::kJson},
      {"uuid", TypeKind::kUuid},
      {"ipaddress", TypeKind::kIpAddress},
      {"color", TypeKind::kColor},
      {"unknown", TypeKind::kUnknown},
      {"hyperloglog", TypeKind::kHyperLogLog},
      {"p4hyperloglog", TypeKind::kP4HyperLogLog},
      {"setdigest", TypeKind::kSetDigest},
      {"tdigest", TypeKind::kTdigest}};
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

Type GenericTypeOf(const ast::GenericType& type, ErrorLocation location) {
  const std::string name = NameOf(type.name);
  if (const auto kind = PlainKind(name)) return Type::Of(*kind);
  const auto number = [&](size_t i, int32_t otherwise) {
    return i < type.parameters.size() ? NumberOf(type.parameters[i], location) : otherwise;
  };
  if (name == "decimal") return Type::Decimal(number(0, 38), number(1, 0));
  if (name == "varchar") return Type::Varchar(number(0, Type::kUnbounded));
  if (name == "char") {
    const int32_t length = number(0, 1);
    if (length > 65536) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
              fmt::format("CHAR length must be in range [0, 65536], got {}", length));
    }
    return Type::Char(length);
  }
  Type nested = Type::Of(name == "array"     ? TypeKind::kArray
                         : name == "qdigest" ? TypeKind::kQdigest
                                             : TypeKind::kMap);
  for (const ast::TypeParameter& parameter : type.parameters) {
    nested.children.push_back(TypeOf(*std::get<ast::DataTypePtr>(parameter)));
  }
  return nested;
}

Type RowTypeOf(const ast::RowType& type) {
  Type row = Type::Of(TypeKind::kRow);
  for (const ast::RowField& field : type.fields) {
    row.children.push_back(TypeOf(*field.type));
    row.field_names.push_back(field.name ? field.name->value : "");
  }
  return row;
}

Type DateTimeTypeOf(const ast::DateTimeType& type, ErrorLocation location) {
  const bool timestamp = type.kind == ast::DateTimeType::Kind::kTimestamp;
  Type made = Type::Of(timestamp ? TypeKind::kTimestamp : TypeKind::kTime);
  if (type.with_time_zone) {
    made.kind = timestamp ? TypeKind::kTimestampWithTimeZone : TypeKind::kTimeWithTimeZone;
  }
  made.precision = type.precision ? NumberOf(*type.precision, location) : 3;
  return made;
}

std::string UpperCase(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

/// `2024-02-29`, a day that there is.
bool IsDate(std::string_view text) {
  constexpr size_t kDigits[] = {7, 2, 2};
  int64_t parts[3] = {0, 0, 0};
  size_t part = 0;
  size_t digits = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  for (const char c : text) {
    if (c == '-') {
      if (digits == 0 || ++part > 2) return false;
      digits = 0;
    } else if (c < '0' || c > '9' || ++digits > kDigits[part]) {
      return false;
    } else {
      parts[part] = parts[part] * 10 + (c - '0');
    }
  }
  if (part != 2 || digits == 0 || parts[1] < 1 || parts[1] > 12 || parts[2] < 1) return false;
  const bool leap = (parts[0] % 4 == 0 && parts[0] % 100 != 0) || parts[0] % 400 == 0;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return parts[2] <= kDays[parts[1] - 1] + (leap && parts[1] == 2 ? 1 : 0);
}

/// `3:04`, `03:04:05`, `03:04:05.678`
bool IsTimeOfDay(std::string_view text) {
  const size_t point = text.find('.');
  if (point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.find_first_not_of("0123456789") != std::string_view::npos) return false;
    text = text.substr(0, point);
  }
  int64_t parts[3] = {0, 0, 0};
  size_t part = 0;
  size_t digits = 0;
  for (const char c : text) {
    if (c == ':') {
      if (digits == 0 || ++part > 2) return false;
      digits = 0;
    } else if (c < '0' || c > '9' || ++digits > 2) {
      return false;
    } else {
      parts[part] = parts[part] * 10 + (c - '0');
    }
  }
  const bool seconds = part == 2 || point == std::string_view::npos;
  return part >= 1 && digits > 0 && seconds && parts[0] < 24 && parts[1] < 60 && parts[2] < 60;
}

/// Whatever follows the digits of a time is taken for a zone: zones are the kernel's to know.
std::string_view WithoutZone(std::string_view time) {
  time = time.substr(0, time.find_first_not_of("0123456789:."));
  return time;
}

/// A time of day has no region. Offsets go to 14 hours.
bool EndsWithOffset(std::string_view text) {
  if (text.size() < 6) return false;
  const std::string_view offset = text.substr(text.size() - 6);
  const auto digit = [&](size_t i) { return offset[i] >= '0' && offset[i] <= '9'; };
  const bool written = (offset[0] == '+' || offset[0] == '-') && digit(1) && digit(2) && offset[3] == ':' &&
                       digit(4) && digit(5);
  return written && offset.substr(1, 2) <= "14" && offset[4] <= '5' &&
         (offset.substr(1, 2) < "14" || offset.substr(4) == "00");
}

bool IsTimestamp(std::string_view text) {
  const size_t space = text.find(' ');
  if (!IsDate(text.substr(0, space))) return false;
  if (space == std::string_view::npos) return true;
  const std::string_view rest = text.substr(space + 1);
  const std::string_view time = WithoutZone(rest);
  return time.empty() ? !rest.empty() : IsTimeOfDay(time);
}

bool IsIntegerOf(TypeKind kind, std::string_view text) {
  int64_t value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return false;
  const int bits = kind == TypeKind::kTinyint    ? 7
                   : kind == TypeKind::kSmallint ? 15
                   : kind == TypeKind::kInteger  ? 31
                                                 : 63;
  return bits == 63 || (value >= -(int64_t{1} << bits) && value < int64_t{1} << bits);
}

/// As the kernel's own literals are.
bool IsPlainDate(std::string_view text) {
  return text.find_first_not_of("0123456789-") == std::string_view::npos && !text.starts_with('-');
}

std::string_view WithoutBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Whether the text is a value of the type; of types that are not looked at, always.
bool IsLiteralOf(TypeKind kind, const std::string& text) {
  if (kind >= TypeKind::kTinyint && kind <= TypeKind::kBigint) return IsIntegerOf(kind, text);
  if (kind == TypeKind::kDate) return IsDate(WithoutBlanks(text));
  if (kind == TypeKind::kIpAddress) {
    unsigned char address[16];
    const bool four = text.find(':') == std::string::npos;
    return inet_pton(four ? AF_INET : AF_INET6, text.c_str(), address) == 1;
  }
  if (kind == TypeKind::kBoolean) {
    const std::string lower = LowerCase(text);
    return lower == "true" || lower == "false" || lower == "t" || lower == "f" || lower == "1" ||
           lower == "0";
  }
  return true;
}

Type TypeOfGeneric(const ast::GenericLiteral& literal, ErrorLocation location) {
  const std::string name = LowerCase(literal.type);
  const auto invalid = [&] {
    ThrowAt(errors::INVALID_LITERAL, location,
            fmt::format("'{}' is not a valid {} literal", literal.value, UpperCase(literal.type)));
  };
  if (name == "char") return Type::Char(CodePoints(literal.value));
  if (name == "varchar") return Type::Varchar();
  if (name == "timestamp" || name == "time") {
    if (name == "time" ? !IsTimeOfDay(WithoutZone(literal.value)) : !IsTimestamp(literal.value)) invalid();
    const size_t time = name == "time" ? 0 : literal.value.find(' ');
    const bool zone = time != std::string::npos &&
                      literal.value.find_first_not_of("0123456789:. ", time) != std::string::npos;
    const size_t point = literal.value.find('.');
    const size_t end =
        point == std::string::npos ? point : literal.value.find_first_not_of("0123456789", point + 1);
    Type type = Type::Of(name == "time" ? zone ? TypeKind::kTimeWithTimeZone : TypeKind::kTime
                         : zone         ? TypeKind::kTimestampWithTimeZone
                                        : TypeKind::kTimestamp);
    if (point != std::string::npos) {
      type.precision = static_cast<int32_t>(std::min(end, literal.value.size()) - point - 1);
    }
    if (type.precision > 12) {
      ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, location,
              fmt::format("{} precision must be in range [0, 12]: {}", UpperCase(name), type.precision));
    }
    if (type.Is(TypeKind::kTimeWithTimeZone) && !EndsWithOffset(literal.value)) invalid();
    return type;
  }
  const auto kind = PlainKind(name);
  if (!kind) throw NotAnalyzed{location, "a literal of type " + name};
  if (!IsLiteralOf(*kind, literal.value)) invalid();
  return Type::Of(*kind);
}

Type TypeOfLiteral(const ast::Expression& literal) {
  const auto& node = literal.node;
  if (std::holds_alternative<ast::NullLiteral>(node)) return Type();
  if (std::holds_alternative<ast::BooleanLiteral>(node)) return Type::Of(TypeKind::kBoolean);
  if (std::holds_alternative<ast::BinaryLiteral>(node)) return Type::Of(TypeKind::kVarbinary);
  if (std::holds_alternative<ast::DoubleLiteral>(node)) return Type::Of(TypeKind::kDouble);
  if (const auto* text = std::get_if<ast::StringLiteral>(&node)) {
    return Type::Varchar(CodePoints(text->value));
  }
  if (const auto* number = std::get_if<ast::IntegerLiteral>(&node)) {
    const int64_t value = BigintOf(number->text).value_or(0);
    const bool small =
        value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
    return Type::Of(small ? TypeKind::kInteger : TypeKind::kBigint);
  }
  if (const auto* decimal = std::get_if<ast::DecimalLiteral>(&node)) {
    const auto parts = DecimalOf(decimal->text);
    return parts ? Type::Decimal(parts->precision, parts->scale) : Type();
  }
  if (const auto* interval = std::get_if<ast::IntervalLiteral>(&node)) {
    if (interval->to == interval->from) {
      static constexpr std::string_view kNames[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
      const std::string_view name = kNames[static_cast<size_t>(interval->from)];
      ThrowAt(errors::INVALID_LITERAL, literal.location,
              fmt::format("Invalid interval qualifier: {} TO {}", name, name));
    }
    return Type::Of(interval->from <= ast::IntervalField::kMonth ? TypeKind::kIntervalYearToMonth
                                                                 : TypeKind::kIntervalDayToSecond);
  }
  return TypeOfGeneric(std::get<ast::GenericLiteral>(node), literal.location);
}

/// Whether NULL's own type is in it, which only casts of NULL may name.
bool HoldsUnknown(const ast::DataType& type) {
  if (const auto* row = std::get_if<ast::RowType>(&type.node)) {
    return std::any_of(row->fields.begin(), row->fields.end(),
                       [](const ast::RowField& field) { return HoldsUnknown(*field.type); });
  }
  const auto* generic = std::get_if<ast::GenericType>(&type.node);
  if (generic == nullptr) return false;
  return NameOf(generic->name) == "unknown" ||
         std::any_of(generic->parameters.begin(), generic->parameters.end(),
                     [](const ast::TypeParameter& parameter) {
                       const auto* inner = std::get_if<ast::DataTypePtr>(&parameter);
                       return inner != nullptr && HoldsUnknown(**inner);
                     });
}

}  // namespace

Type TypeOf(const ast::DataType& type) {
  // What is no type, and what the kernel cannot hold, is refused there.
  if (!HoldsUnknown(type)) LowerType(type);
  if (const auto* generic = std::get_if<ast::GenericType>(&type.node)) {
    return GenericTypeOf(*generic, type.location);
  }
  if (const auto* row = std::get_if<ast::RowType>(&type.node)) return RowTypeOf(*row);
  if (const auto* time = std::get_if<ast::DateTimeType>(&type.node)) {
    return DateTimeTypeOf(*time, type.location);
  }
  const auto& interval = std::get<ast::IntervalType>(type.node);
  return Type::Of(interval.from <= ast::IntervalField::kMonth ? TypeKind::kIntervalYearToMonth
                                                              : TypeKind::kIntervalDayToSecond);
}

bool IsLiteral(const ast::Expression& expression) {
  return expression.node.index() <= ast::Expression::Node(ast::IntervalLiteral()).index();
}

Typed LiteralOf(const ast::Expression& literal) {
  Typed typed;
  typed.type = TypeOfLiteral(literal);
  typed.location = literal.location;
  typed.sql = LowerExpression(literal);
  const auto* written = std::get_if<ast::GenericLiteral>(&literal.node);
  if (typed.type.Is(TypeKind::kColor)) {
    ThrowAt(errors::OPERATOR_NOT_FOUND, literal.location, "Cannot cast varchar to color");
  }
  if (written != nullptr && typed.type.Is(TypeKind::kDate) && !IsPlainDate(written->value)) {
    return Compose(typed.type, literal.location, {"trino_cast_to_date(", QuoteString(written->value), ")"});
  }
  if (written != nullptr &&
      (typed.type.IsFloat() || typed.type.Is(TypeKind::kIpAddress) || typed.type.Is(TypeKind::kJson))) {
    const std::string function =
        typed.type.Is(TypeKind::kJson) ? "trino_json_literal" : "trino_cast_to_" + typed.type.ToString();
    return Compose(typed.type, literal.location, {function, "(", QuoteString(written->value), ")"});
  }
  if ((typed.type.Is(TypeKind::kTimestamp) && typed.type.precision <= 6) || typed.type.Is(TypeKind::kChar)) {
    const bool text = typed.type.Is(TypeKind::kChar);
    const auto& generic = std::get<ast::GenericLiteral>(literal.node);
    typed.sql = {};
    typed.sql.Mark(literal.location);
    const std::string quoted = QuoteString(generic.value);
    // The kernel's own literals have no sign.
    const std::string moment = generic.value.starts_with('+') ? fmt::format("trino_cast_to_timestamp({}, {})",
                                                                            quoted, typed.type.precision)
                                                              : quoted;
    typed.sql.Append(text ? quoted : fmt::format("CAST({} AS {})", moment, StorageName(typed.type)));
  }
  return typed;
}

}  // namespace planaria::sql
