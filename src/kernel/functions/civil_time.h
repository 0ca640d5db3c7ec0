// The proleptic Gregorian calendar, and times of day, in plain integers.
#pragma once

#include <cstdint>

namespace planaria::kernel {

inline constexpr int64_t kMicrosPerMilli = 1000;
inline constexpr int64_t kMicrosPerSecond = 1000000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

struct CivilDate {
  int64_t year;
  int month;
  int day;
};

/// Days since 1970-01-01 and back.
int64_t DaysOf(const CivilDate& date);
CivilDate CivilOf(int64_t days);

bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);
/// 1 is Monday.
int DayOfWeek(int64_t days);
int DayOfYear(int64_t days);

/// ISO 8601: week 1 has the year's first Thursday.
struct IsoWeek {
  int64_t year;
  int week;
};
IsoWeek IsoWeekOf(int64_t days);

/// The same day `months` later, or the month's last.
int64_t AddMonths(int64_t days, int64_t months);

/// Months gone from one moment to a later or earlier one, whole ones; as Joda counts, for which the last day
/// of a month completes it.
int64_t MonthsBetween(int64_t from_micros, int64_t to_micros);

/// Floor division: the day of a moment, and the time in it.
inline int64_t FloorDivide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }
inline int64_t FloorRemainder(int64_t value, int64_t by) { return value - FloorDivide(value, by) * by; }

}  // namespace planaria::kernel
