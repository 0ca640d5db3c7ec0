#include "kernel/functions/date_units.h"

#include <fmt/format.h>

#include "duckdb/common/string_util.hpp"
#include "kernel/functions/civil_time.h"
#include "kernel/functions/function_set.h"

namespace planaria::kernel {

namespace {

constexpr std::string_view kUnits[] = {"millisecond", "second", "minute",  "hour", "day",
                                       "week",        "month",  "quarter", "year"};

/// `kind` is how Trino calls the type in its message; its units lie between `first` and `last`.
Unit UnitOf(std::string_view name, const char* kind, Unit first, Unit last) {
  for (auto unit = static_cast<size_t>(first); unit <= static_cast<size_t>(last); ++unit) {
    if (duckdb::StringUtil::CIEquals(std::string(kUnits[unit]), std::string(name)))
      return static_cast<Unit>(unit);
  }
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  FailArgument(fmt::format("'{}' is not a valid {} field", lower, kind));
}

}  // namespace

Unit DateUnit(std::string_view name) { return UnitOf(name, "DATE", Unit::kDay, Unit::kYear); }
Unit TimeUnit(std::string_view name) { return UnitOf(name, "TIME", Unit::kMillisecond, Unit::kHour); }
Unit TimestampUnit(std::string_view name) {
  return UnitOf(name, "TIMESTAMP", Unit::kMillisecond, Unit::kYear);
}

/// Microseconds of the units up to a week.
int64_t MicrosOf(Unit unit) {
  static constexpr int64_t kMicros[] = {kMicrosPerMilli, kMicrosPerSecond, kMicrosPerMinute,
                                        kMicrosPerHour,  kMicrosPerDay,    7 * kMicrosPerDay};
  return kMicros[static_cast<size_t>(unit)];
}
int64_t MonthsOf(Unit unit) { return unit == Unit::kMonth ? 1 : unit == Unit::kQuarter ? 3 : 12; }

int64_t TruncateDays(Unit unit, int64_t days) {
  const CivilDate date = CivilOf(days);
  switch (unit) {
    case Unit::kWeek:
      return days - DayOfWeek(days) + 1;
    case Unit::kMonth:
      return DaysOf({date.year, date.month, 1});
    case Unit::kQuarter:
      return DaysOf({date.year, (date.month - 1) / 3 * 3 + 1, 1});
    case Unit::kYear:
      return DaysOf({date.year, 1, 1});
    default:
      return days;
  }
}

int64_t TruncateMicros(Unit unit, int64_t micros) {
  if (unit < Unit::kDay) return FloorDivide(micros, MicrosOf(unit)) * MicrosOf(unit);
  return TruncateDays(unit, FloorDivide(micros, kMicrosPerDay)) * kMicrosPerDay;
}

int64_t Checked(__int128 value) {
  if (value < INT64_MIN || value > INT64_MAX) FailArgument("Value is out of range for a timestamp");
  return static_cast<int64_t>(value);
}

int64_t AddMicros(Unit unit, int64_t count, int64_t micros) {
  if (unit <= Unit::kWeek) return Checked(__int128{micros} + __int128{count} * MicrosOf(unit));
  const int64_t days =
      AddMonths(FloorDivide(micros, kMicrosPerDay), Checked(__int128{count} * MonthsOf(unit)));
  return Checked(__int128{days} * kMicrosPerDay + FloorRemainder(micros, kMicrosPerDay));
}

int64_t DiffMicros(Unit unit, int64_t from, int64_t to) {
  if (unit <= Unit::kWeek) return (to - from) / MicrosOf(unit);
  return MonthsBetween(from, to) / MonthsOf(unit);
}

}  // namespace planaria::kernel
