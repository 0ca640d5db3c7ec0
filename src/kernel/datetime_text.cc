#include "kernel/datetime_text.h"

namespace planaria::kernel {

namespace {

constexpr int64_t kPowers[] = {1,           10,           100,          1000,      10000,
                               100000,      1000000,      10000000,     100000000, 1000000000,
                               10000000000, 100000000000, 1000000000000};

int64_t FloorDivide(int64_t value, int64_t by) {
  const int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

/// `value` with leading zeros up to `width`.
void AppendPadded(int64_t value, int width, std::string* out) {
  char buffer[20];
  int length = 0;
  while (value > 0 || length < width) {
    buffer[length++] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  while (length > 0) out->push_back(buffer[--length]);
}

/// From units of 10^-from seconds to units of 10^-to.
int64_t Rescale(int64_t units, int from, int to) {
  if (to >= from) return units;
  const int64_t step = kPowers[from - to];
  const int64_t whole = FloorDivide(units, step);
  return units - whole * step >= step / 2 ? whole + 1 : whole;
}

/// `units` of 10^-unit_digits seconds since midnight, less than a day.
void AppendTimeOfDay(int64_t units, int unit_digits, int digits, std::string* out) {
  const int64_t seconds = units / kPowers[unit_digits];
  AppendPadded(seconds / 3600, 2, out);
  out->push_back(':');
  AppendPadded(seconds / 60 % 60, 2, out);
  out->push_back(':');
  AppendPadded(seconds % 60, 2, out);
  if (digits == 0) return;
  out->push_back('.');
  AppendPadded(units % kPowers[unit_digits], unit_digits, out);
  out->append(digits - unit_digits, '0');
}

}  // namespace

void AppendDate(int64_t days, std::string* out) {
  // Eras of 400 years that start on 1 March, so that the leap day is the last of its year.
  const int64_t shifted = days + 719468;
  const int64_t era = FloorDivide(shifted, 146097);
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  if (year > 9999) out->push_back('+');
  if (year < 0) out->push_back('-');
  AppendPadded(year < 0 ? -year : year, 4, out);
  out->push_back('-');
  AppendPadded(month, 2, out);
  out->push_back('-');
  AppendPadded(day, 2, out);
}

void AppendTime(int64_t units, int unit_digits, int digits, std::string* out) {
  const int shown = digits < unit_digits ? digits : unit_digits;
  AppendTimeOfDay(Rescale(units, unit_digits, shown) % (86400 * kPowers[shown]), shown, digits, out);
}

void AppendTimestamp(int64_t units, int unit_digits, int digits, std::string* out) {
  const int shown = digits < unit_digits ? digits : unit_digits;
  const int64_t rounded = Rescale(units, unit_digits, shown);
  const int64_t day = 86400 * kPowers[shown];
  const int64_t days = FloorDivide(rounded, day);
  AppendDate(days, out);
  out->push_back(' ');
  AppendTimeOfDay(rounded - days * day, shown, digits, out);
}

void AppendOffset(int32_t seconds, std::string* out) {
  out->push_back(seconds < 0 ? '-' : '+');
  const int32_t minutes = (seconds < 0 ? -seconds : seconds) / 60;
  AppendPadded(minutes / 60, 2, out);
  out->push_back(':');
  AppendPadded(minutes % 60, 2, out);
}

void AppendYearToMonth(int64_t months, std::string* out) {
  if (months < 0) out->push_back('-');
  const int64_t size = months < 0 ? -months : months;
  out->append(std::to_string(size / 12)).append("-").append(std::to_string(size % 12));
}

void AppendDayToSecond(int64_t millis, std::string* out) {
  if (millis < 0) out->push_back('-');
  // Unsigned: the smallest int64 has no positive twin.
  const uint64_t size = millis < 0 ? -static_cast<uint64_t>(millis) : static_cast<uint64_t>(millis);
  out->append(std::to_string(size / 86400000)).append(" ");
  AppendTimeOfDay(static_cast<int64_t>(size % 86400000), 3, 3, out);
}

}  // namespace planaria::kernel
