#include "kernel/functions/civil_time.h"

#include <algorithm>

namespace planaria::kernel {

int64_t DaysOf(const CivilDate& date) {
  // Years that begin in March put the leap day last.
  const int64_t year = date.year - (date.month <= 2);
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilOf(int64_t days) {
  const int64_t shifted = days + 719468;
  const int64_t era = FloorDivide(shifted, 146097);
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const auto month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

int DayOfWeek(int64_t days) { return static_cast<int>(FloorRemainder(days + 3, 7)) + 1; }

int DayOfYear(int64_t days) { return static_cast<int>(days - DaysOf({CivilOf(days).year, 1, 1})) + 1; }

IsoWeek IsoWeekOf(int64_t days) {
  const int64_t thursday = days - DayOfWeek(days) + 4;
  return {CivilOf(thursday).year, (DayOfYear(thursday) - 1) / 7 + 1};
}

int64_t AddMonths(int64_t days, int64_t months) {
  const CivilDate date = CivilOf(days);
  const int64_t total = date.year * 12 + (date.month - 1) + months;
  const int64_t year = FloorDivide(total, 12);
  const auto month = static_cast<int>(FloorRemainder(total, 12)) + 1;
  return DaysOf({year, month, std::min(date.day, DaysInMonth(year, month))});
}

int64_t MonthsBetween(int64_t from_micros, int64_t to_micros) {
  if (to_micros < from_micros) return -MonthsBetween(to_micros, from_micros);
  const CivilDate from = CivilOf(FloorDivide(from_micros, kMicrosPerDay));
  const CivilDate to = CivilOf(FloorDivide(to_micros, kMicrosPerDay));
  const int64_t months = (to.year - from.year) * 12 + to.month - from.month;
  const int day = to.day == DaysInMonth(to.year, to.month) ? std::min(from.day, to.day) : from.day;
  const int64_t from_rest = day * kMicrosPerDay + FloorRemainder(from_micros, kMicrosPerDay);
  const int64_t to_rest = to.day * kMicrosPerDay + FloorRemainder(to_micros, kMicrosPerDay);
  return months - (to_rest < from_rest);
}

}  // namespace planaria::kernel
