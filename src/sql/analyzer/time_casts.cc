#include "sql/analyzer/time_casts.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/operators.h"
#include "sql/error_at.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = TypeKind;

constexpr int32_t kMicroseconds = 6;
constexpr int32_t kPicoseconds = 12;

Type Precise(Kind kind, int32_t precision) {
  Type type = Type::Of(kind);
  type.precision = precision;
  return type;
}

/// The query's day, in the session's zone.
std::string Today() {
  return fmt::format("CAST(trino_local(trino_zoned_of_instant(current_timestamp, {})) AS DATE)",
                     kSessionZone);
}

std::string RoundedIf(bool rounded, std::string_view function, const std::string& value, int32_t precision) {
  return rounded ? fmt::format("{}({}, {})", function, value, precision) : value;
}

/// The text of a value that is fine, whatever its type says: as `to` stores it.
std::string FromFine(const std::string& value, int32_t digits, const Type& to) {
  const bool timestamp = to.Is(Kind::kTimestamp);
  const std::string rounded = RoundedIf(
      to.precision < digits, timestamp ? "trino_moment_rounded" : "trino_time_rounded", value, to.precision);
  if (IsFine(to)) return rounded;
  return timestamp ? fmt::format("CAST(trino_local({}) AS {})", rounded, StorageName(to))
                   : fmt::format("trino_time_of_fine({})", rounded);
}

std::string ToTime(const Type& from, const Type& to) {
  switch (from.kind) {
    case Kind::kTime:
      if (IsFine(from)) return FromFine("$1", from.precision, to);
      if (IsFine(to)) return "trino_fine_time($1)";
      return RoundedIf(to.precision < from.precision, "trino_cast_to_time", "$1", to.precision);
    case Kind::kTimeWithTimeZone:
      return FromFine("trino_fine_local_time($1)", from.precision, to);
    case Kind::kTimestamp:
      if (IsFine(from)) return FromFine("trino_fine_time_of_timestamp($1)", from.precision, to);
      if (IsFine(to)) return "trino_fine_time(CAST($1 AS TIME))";
      return RoundedIf(to.precision < from.precision, "trino_cast_to_time", "CAST($1 AS TIME)", to.precision);
    case Kind::kTimestampWithTimeZone:
      return FromFine("trino_fine_time_of_timestamp(trino_fine_local($1))", from.precision, to);
    default:
      return fmt::format("{}($1, {})", IsFine(to) ? "trino_fine_time_of_text" : "trino_cast_to_time",
                         to.precision);
  }
}

std::string ToTimestamp(const Type& from, const Type& to) {
  switch (from.kind) {
    case Kind::kDate:
      if (IsFine(to)) return "trino_fine(CAST($1 AS TIMESTAMP))";
      return fmt::format("CAST($1 AS {})", StorageName(to));
    case Kind::kTime:
    case Kind::kTimeWithTimeZone: {
      const std::string time = ToTime(from, Precise(Kind::kTime, kMicroseconds));
      const std::string moment = fmt::format("({} + {})", Today(), time);
      if (!IsFine(to)) return fmt::format("CAST({} AS {})", moment, StorageName(to));
      if (!IsFine(from) && !IsZoned(from)) return fmt::format("trino_fine({})", moment);
      return fmt::format("trino_fine({}, {})", moment, ToTime(from, Precise(Kind::kTime, kPicoseconds)));
    }
    case Kind::kTimestamp:
      if (IsFine(from)) return FromFine("$1", from.precision, to);
      if (IsFine(to)) return "trino_fine(CAST($1 AS TIMESTAMP))";
      if (to.precision >= from.precision) return fmt::format("CAST($1 AS {})", StorageName(to));
      return fmt::format("CAST(trino_cast_to_timestamp($1, {}) AS {})", to.precision, StorageName(to));
    case Kind::kTimestampWithTimeZone:
      return FromFine("trino_fine_local($1)", from.precision, to);
    default:
      if (IsFine(to)) return fmt::format("trino_fine_of_text($1, {})", to.precision);
      return fmt::format("CAST(trino_cast_to_timestamp($1, {}) AS {})", to.precision, StorageName(to));
  }
}

std::string ToZonedTimestamp(const Type& from, const Type& to) {
  const bool rounded = to.precision < from.precision;
  switch (from.kind) {
    case Kind::kDate:
      return fmt::format("trino_zoned_of_local(CAST($1 AS TIMESTAMP), {})", kSessionZone);
    case Kind::kTime:
    case Kind::kTimeWithTimeZone:
      return fmt::format("trino_zoned_of_local({}, {})", ToTimestamp(from, Type::Timestamp(to.precision)),
                         kSessionZone);
    case Kind::kTimestamp:
      return fmt::format("trino_zoned_of_local({}, {})",
                         rounded ? ToTimestamp(from, Type::Timestamp(to.precision)) : "$1", kSessionZone);
    case Kind::kTimestampWithTimeZone:
      return RoundedIf(rounded, "trino_moment_rounded", "$1", to.precision);
    default:
      return fmt::format("trino_zoned_of_text($1, {}, {})", to.precision, kSessionZone);
  }
}

std::string ToZonedTime(const Type& from, const Type& to) {
  switch (from.kind) {
    case Kind::kTimeWithTimeZone:
      return RoundedIf(to.precision < from.precision, "trino_time_rounded", "$1", to.precision);
    case Kind::kTime:
    case Kind::kTimestamp: {
      const std::string fine = ToTime(from, Precise(Kind::kTime, kPicoseconds));
      return fmt::format("trino_zoned_time_of_local({}, {})",
                         RoundedIf(to.precision < from.precision, "trino_time_rounded", fine, to.precision),
                         kSessionZone);
    }
    case Kind::kTimestampWithTimeZone:
      return RoundedIf(to.precision < from.precision, "trino_time_rounded", "trino_zoned_time_of_zoned($1)",
                       to.precision);
    default:
      return fmt::format("trino_zoned_time_of_text($1, {}, {})", to.precision, kSessionZone);
  }
}

}  // namespace

const std::string_view kSessionZone = "current_setting('trino_time_zone')";

bool IsFine(const Type& type) {
  return (type.Is(Kind::kTime) || type.Is(Kind::kTimestamp)) && type.precision > kMicroseconds;
}

bool IsZoned(const Type& type) {
  return type.Is(Kind::kTimeWithTimeZone) || type.Is(Kind::kTimestampWithTimeZone);
}

std::string TimeCast(const Type& from, const Type& to) {
  switch (to.kind) {
    case Kind::kTime:
      return ToTime(from, to);
    case Kind::kTimeWithTimeZone:
      return ToZonedTime(from, to);
    case Kind::kTimestamp:
      return ToTimestamp(from, to);
    case Kind::kTimestampWithTimeZone:
      return ToZonedTimestamp(from, to);
    default:
      if (from.IsText()) return "trino_cast_to_date($1)";
      return IsFine(from) || IsZoned(from) ? "CAST(trino_local($1) AS DATE)" : "CAST($1 AS DATE)";
  }
}

std::string TimeToVarchar(const Type& from) {
  const bool timestamp = from.Is(Kind::kTimestamp) || from.Is(Kind::kTimestampWithTimeZone);
  std::string_view function = "trino_cast_to_varchar";
  if (IsZoned(from)) function = timestamp ? "trino_zoned_to_varchar" : "trino_zoned_time_to_varchar";
  if (IsFine(from)) function = timestamp ? "trino_fine_to_varchar" : "trino_fine_time_to_varchar";
  return fmt::format("{}($1, {})", function, from.precision);
}

Typed JavaText(Typed value) {
  if (IsZoned(value.type)) {
    return Compose(Type::Varchar(), value.location, {"trino_zoned_to_java(", &value, ")"});
  }
  const bool time = value.type.Is(Kind::kTime);
  value = Coerce(std::move(value), Precise(value.type.kind, kPicoseconds));
  return Compose(Type::Varchar(), value.location,
                 {time ? "trino_fine_time_to_java(" : "trino_fine_to_java(", &value, ")"});
}

std::optional<std::string> FinePattern(std::string_view function, const Type& type) {
  struct Call {
    std::string_view name;
    std::string_view timestamp;
    std::string_view time;
  };
  static constexpr Call kCalls[] = {
      {"year", "year(trino_local($1))", ""},
      {"quarter", "quarter(trino_local($1))", ""},
      {"month", "month(trino_local($1))", ""},
      {"week", "week(trino_local($1))", ""},
      {"week_of_year", "week(trino_local($1))", ""},
      {"day", "day(trino_local($1))", ""},
      {"day_of_month", "day(trino_local($1))", ""},
      {"day_of_week", "isodow(trino_local($1))", ""},
      {"dow", "isodow(trino_local($1))", ""},
      {"day_of_year", "dayofyear(trino_local($1))", ""},
      {"doy", "dayofyear(trino_local($1))", ""},
      {"year_of_week", "isoyear(trino_local($1))", ""},
      {"yow", "isoyear(trino_local($1))", ""},
      {"hour", "hour(trino_local($1))", "trino_hour(trino_time_of_fine($1))"},
      {"minute", "minute(trino_local($1))", "trino_minute(trino_time_of_fine($1))"},
      {"second", "second(trino_local($1))", "trino_second(trino_time_of_fine($1))"},
      {"millisecond", "trino_millisecond(trino_local($1))", "trino_millisecond(trino_time_of_fine($1))"},
      {"last_day_of_month", "trino_last_day_of_month(trino_local($1))", ""},
      {"date", "trino_date(trino_local($1))", ""},
      {"date_trunc", "trino_zoned_date_trunc($1, $2)", "trino_fine_time_trunc($1, $2)"},
      {"date_add", "trino_zoned_date_add($1, $2, $3)", "trino_fine_time_add($1, $2, $3)"},
      {"date_diff", "trino_zoned_date_diff($1, $2, $3)", "trino_fine_time_diff($1, $2, $3)"},
      {"date_format", "trino_date_format(trino_moment_rounded($1, 3), $2)", ""},
      {"format_datetime", "trino_format_datetime(trino_moment_rounded($1, 3), $2)", ""},
      {"to_unixtime", "trino_moment_to_unixtime($1)", ""},
      {"to_iso8601", "trino_fine_to_iso8601($1, {})", ""},
  };
  for (const Call& call : kCalls) {
    const std::string_view pattern = type.Is(Kind::kTime) ? call.time : call.timestamp;
    if (call.name != function || pattern.empty()) continue;
    return fmt::format(fmt::runtime(pattern), type.precision);
  }
  return std::nullopt;
}

namespace {

/// The interval between two times or timestamps; nothing for other operands.
std::optional<Typed> MomentsBetween(const Typed& later, const Typed& earlier, ErrorLocation location) {
  const auto common = CommonSuperType(later.type, earlier.type);
  if (!common || common->kind < Kind::kTime || common->kind > Kind::kTimestampWithTimeZone)
    return std::nullopt;
  Type type = *common;
  if (type.Is(Kind::kTime)) type.precision = kPicoseconds;
  if (type.Is(Kind::kTimestamp)) type.precision = IsFine(type) ? kPicoseconds : kMicroseconds;
  const Typed to = Coerce(later, type), from = Coerce(earlier, type);
  return Compose(Type::Of(Kind::kIntervalDayToSecond), location,
                 {"trino_moments_between(", &to, ", ", &from, ")"});
}

}  // namespace

std::optional<Typed> MomentArithmetic(bool plus, const Typed& left, const Typed& right,
                                      ErrorLocation location) {
  const bool time = left.type.Is(Kind::kTime) || left.type.Is(Kind::kTimeWithTimeZone);
  const std::string sign = plus ? "plus" : "minus";
  if (time && right.type.Is(Kind::kIntervalDayToSecond)) {
    Type moved = left.type;
    // An interval has milliseconds.
    moved.precision = std::max(moved.precision, 3);
    if (IsFine(left.type) || IsZoned(left.type)) {
      return Compose(moved, location, {"trino_time_" + sign + "(", &left, ", ", &right, ")"});
    }
    return Compose(
        moved, location,
        {"trino_time_of_fine(trino_time_" + sign + "(trino_fine_time(", &left, "), ", &right, "))"});
  }
  if (!plus) {
    if (auto between = MomentsBetween(left, right, location)) return between;
  }
  if (time || (!IsFine(left.type) && !IsZoned(left.type))) return std::nullopt;
  if (right.type.IsInterval()) {
    Type moved = left.type;
    if (right.type.Is(Kind::kIntervalDayToSecond)) moved.precision = std::max(moved.precision, 3);
    return Compose(moved, location, {"trino_moment_" + sign + "(", &left, ", ", &right, ")"});
  }
  return std::nullopt;
}

Typed AtTimeZone(Typed value, Typed zone, ErrorLocation location) {
  const bool timestamp = value.type.Is(Kind::kTimestamp) || value.type.Is(Kind::kTimestampWithTimeZone);
  const bool time = value.type.Is(Kind::kTime) || value.type.Is(Kind::kTimeWithTimeZone);
  if (!timestamp && !time) {
    ThrowAt(errors::TYPE_MISMATCH, value.location,
            fmt::format("Type of value must be a time or timestamp with or without time zone (actual {})",
                        value.type.ToString()));
  }
  if (!zone.type.IsText() && !zone.type.Is(Kind::kIntervalDayToSecond)) {
    ThrowAt(errors::TYPE_MISMATCH, zone.location,
            fmt::format("Type of time zone expression must be varchar or interval day to second (actual {})",
                        zone.type.ToString()));
  }
  const Type type =
      Precise(timestamp ? Kind::kTimestampWithTimeZone : Kind::kTimeWithTimeZone, value.type.precision);
  value = Coerce(std::move(value), type);
  if (time && zone.type.IsText()) {
    return Compose(type, location, {"trino_time_at_timezone(", &value, ", ", &zone, ", current_timestamp)"});
  }
  return Compose(type, location, {"trino_at_timezone(", &value, ", ", &zone, ")"});
}

}  // namespace planaria::sql
