// date_trunc, date_add, date_diff, the fields of dates and times, and unix times.
#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "kernel/functions/civil_time.h"
#include "kernel/functions/date_units.h"
#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

using duckdb::date_t;
using duckdb::dtime_t;
using duckdb::timestamp_t;

date_t TruncDate(std::string_view unit, date_t date) {
  return date_t(static_cast<int32_t>(TruncateDays(DateUnit(unit), date.days)));
}
timestamp_t TruncTimestamp(std::string_view unit, timestamp_t timestamp) {
  return timestamp_t(TruncateMicros(TimestampUnit(unit), timestamp.value));
}
dtime_t TruncTime(std::string_view unit, dtime_t time) {
  return dtime_t(TruncateMicros(TimeUnit(unit), time.micros));
}

date_t AddDate(std::string_view unit, int64_t count, date_t date) {
  const Unit parsed = DateUnit(unit);
  const __int128 days = parsed <= Unit::kWeek
                            ? date.days + __int128{count} * (parsed == Unit::kWeek ? 7 : 1)
                            : __int128{AddMonths(date.days, Checked(__int128{count} * MonthsOf(parsed)))};
  if (days < INT32_MIN || days > INT32_MAX) FailArgument("Value is out of range for a date");
  return date_t(static_cast<int32_t>(days));
}
timestamp_t AddTimestamp(std::string_view unit, int64_t count, timestamp_t timestamp) {
  return timestamp_t(AddMicros(TimestampUnit(unit), count, timestamp.value));
}
/// Past midnight the day begins again.
dtime_t AddTime(std::string_view unit, int64_t count, dtime_t time) {
  const __int128 moved = time.micros + __int128{count} * MicrosOf(TimeUnit(unit));
  const __int128 in_day = moved % kMicrosPerDay;
  return dtime_t(static_cast<int64_t>(in_day < 0 ? in_day + kMicrosPerDay : in_day));
}

int64_t DiffDate(std::string_view unit, date_t from, date_t to) {
  return DiffMicros(DateUnit(unit), from.days * kMicrosPerDay, to.days * kMicrosPerDay);
}
int64_t DiffTimestamp(std::string_view unit, timestamp_t from, timestamp_t to) {
  return DiffMicros(TimestampUnit(unit), from.value, to.value);
}
int64_t DiffTime(std::string_view unit, dtime_t from, dtime_t to) {
  return DiffMicros(TimeUnit(unit), from.micros, to.micros);
}

int64_t DaysIn(date_t date) { return date.days; }
int64_t DaysIn(timestamp_t timestamp) { return FloorDivide(timestamp.value, kMicrosPerDay); }
int64_t MicrosIn(dtime_t time) { return time.micros; }
int64_t MicrosIn(timestamp_t timestamp) { return FloorRemainder(timestamp.value, kMicrosPerDay); }

int64_t Year(int64_t days) { return CivilOf(days).year; }
int64_t Quarter(int64_t days) { return (CivilOf(days).month - 1) / 3 + 1; }
int64_t Month(int64_t days) { return CivilOf(days).month; }
int64_t Week(int64_t days) { return IsoWeekOf(days).week; }
int64_t YearOfWeek(int64_t days) { return IsoWeekOf(days).year; }
int64_t Day(int64_t days) { return CivilOf(days).day; }
int64_t WeekDay(int64_t days) { return DayOfWeek(days); }
int64_t YearDay(int64_t days) { return DayOfYear(days); }
int64_t Hour(int64_t micros) { return micros / kMicrosPerHour; }
int64_t Minute(int64_t micros) { return micros / kMicrosPerMinute % 60; }
int64_t Second(int64_t micros) { return micros / kMicrosPerSecond % 60; }
int64_t Millisecond(int64_t micros) { return micros / kMicrosPerMilli % 1000; }

template <auto kField, typename T>
int64_t DateField(T value) {
  return kField(DaysIn(value));
}
template <auto kField, typename T>
int64_t TimeField(T value) {
  return kField(MicrosIn(value));
}

template <auto kField>
void AddDateField(FunctionSet& functions, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    functions.Add(Scalar<&DateField<kField, date_t>>(name));
    functions.Add(Scalar<&DateField<kField, timestamp_t>>(name));
  }
}

template <auto kField>
void AddTimeField(FunctionSet& functions, const char* name) {
  functions.Add(Scalar<&TimeField<kField, dtime_t>>(name));
  functions.Add(Scalar<&TimeField<kField, timestamp_t>>(name));
}

template <typename T>
date_t LastDayOfMonth(T value) {
  const CivilDate date = CivilOf(DaysIn(value));
  return date_t(static_cast<int32_t>(DaysOf({date.year, date.month, DaysInMonth(date.year, date.month)})));
}

template <typename T>
date_t DateOf(T value) {
  return date_t(static_cast<int32_t>(DaysIn(value)));
}

double TimestampToUnixtime(timestamp_t timestamp) { return static_cast<double>(timestamp.value) / 1e6; }

void HumanReadableSeconds(double seconds, std::string& out) {
  if (!std::isfinite(seconds))
    FailArgument(std::isnan(seconds) ? "Invalid argument found: NaN" : "Invalid argument found: Infinity");
  static constexpr std::pair<const char*, int64_t> kParts[] = {
      {"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
  auto rest = static_cast<int64_t>(std::round(std::fabs(seconds)));
  for (const auto& [name, length] : kParts) {
    const int64_t count = rest / length;
    rest %= length;
    if (count == 0 && !(length == 1 && out.empty())) continue;
    out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", count, name, count == 1 ? "" : "s");
  }
}

}  // namespace

void AddDates(FunctionSet& functions) {
  functions.Add(Scalar<&TruncDate>("trino_date_trunc"));
  functions.Add(Scalar<&TruncTimestamp>("trino_date_trunc"));
  functions.Add(Scalar<&TruncTime>("trino_date_trunc"));
  functions.Add(Scalar<&AddDate>("trino_date_add"));
  functions.Add(Scalar<&AddTimestamp>("trino_date_add"));
  functions.Add(Scalar<&AddTime>("trino_date_add"));
  functions.Add(Scalar<&DiffDate>("trino_date_diff"));
  functions.Add(Scalar<&DiffTimestamp>("trino_date_diff"));
  functions.Add(Scalar<&DiffTime>("trino_date_diff"));
  AddDateField<&Year>(functions, {"trino_year"});
  AddDateField<&Quarter>(functions, {"trino_quarter"});
  AddDateField<&Month>(functions, {"trino_month"});
  AddDateField<&Week>(functions, {"trino_week", "trino_week_of_year"});
  AddDateField<&YearOfWeek>(functions, {"trino_year_of_week", "trino_yow"});
  AddDateField<&Day>(functions, {"trino_day", "trino_day_of_month"});
  AddDateField<&WeekDay>(functions, {"trino_day_of_week", "trino_dow"});
  AddDateField<&YearDay>(functions, {"trino_day_of_year", "trino_doy"});
  AddTimeField<&Hour>(functions, "trino_hour");
  AddTimeField<&Minute>(functions, "trino_minute");
  AddTimeField<&Second>(functions, "trino_second");
  AddTimeField<&Millisecond>(functions, "trino_millisecond");
  functions.Add(Scalar<&LastDayOfMonth<date_t>>("trino_last_day_of_month"));
  functions.Add(Scalar<&LastDayOfMonth<timestamp_t>>("trino_last_day_of_month"));
  functions.Add(Scalar<&DateOf<timestamp_t>>("trino_date"));
  functions.Add(Scalar<&TimestampToUnixtime>("trino_to_unixtime"));
  functions.Add(Scalar<&HumanReadableSeconds>("trino_human_readable_seconds"));
}

}  // namespace planaria::kernel
