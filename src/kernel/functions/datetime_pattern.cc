#include "kernel/functions/datetime_pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernel/functions/civil_time.h"
#include "kernel/functions/function_set.h"
#include "kernel/time_zones.h"

namespace planaria::kernel {

namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};
constexpr std::string_view kHalves[] = {"AM", "PM"};

/// As Joda says it.
[[noreturn]] void FailFormat(std::string_view text, size_t at) {
  const std::string sample =
      text.size() <= at + 35 ? std::string(text) : std::string(text.substr(0, at + 32)) + "...";
  std::string message = fmt::format("Invalid format: \"{}\"", sample);
  if (at > 0) {
    message += at >= text.size() ? std::string(" is too short")
                                 : fmt::format(" is malformed at \"{}\"", sample.substr(at));
  }
  FailArgument(message);
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
         });
}

/// Which of `names` the text begins with, by their first `letters` when those are all there is.
template <size_t kCount>
std::optional<std::pair<int, size_t>> ReadName(std::string_view text, const std::string_view (&names)[kCount],
                                               size_t letters) {
  for (const bool whole : {true, false}) {
    for (size_t i = 0; i < kCount; ++i) {
      const std::string_view name = whole ? names[i] : names[i].substr(0, letters);
      if (StartsWithIgnoringCase(text, name)) return std::pair(static_cast<int>(i), name.size());
    }
  }
  return std::nullopt;
}

/// `+01:00`, `-0300`, `Z`, `Europe/Berlin`: the longest that is one; moves `at` behind it.
ZoneKey ReadZone(std::string_view text, size_t& at) {
  const std::string_view rest = text.substr(at);
  const auto digit = [&](size_t i) { return i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; };
  if (rest.starts_with('+') || rest.starts_with('-')) {
    const size_t minutes = rest.substr(3).starts_with(':') ? 4 : 3;
    if (!digit(1) || !digit(2) || !digit(minutes) || !digit(minutes + 1)) FailFormat(text, at);
    const std::string offset = std::string(rest.substr(0, 3)) + ":" + std::string(rest.substr(minutes, 2));
    const auto zone = FindZone(offset);
    if (!zone) FailFormat(text, at);
    at += minutes + 2;
    return *zone;
  }
  size_t end = 0;
  while (end < rest.size() && (std::isalnum(static_cast<unsigned char>(rest[end])) || rest[end] == '/' ||
                               rest[end] == '_' || rest[end] == '-' || rest[end] == '+')) {
    ++end;
  }
  for (; end > 0; --end) {
    if (const auto zone = FindZone(rest.substr(0, end))) {
      at += end;
      return *zone;
    }
  }
  FailFormat(text, at);
}

void AppendNumber(int64_t value, int digits, std::string* out) {
  fmt::format_to(std::back_inserter(*out), "{:0{}}", value, value < 0 ? digits + 1 : digits);
}

}  // namespace

struct DatetimePattern::Fields {
  std::optional<int64_t> year, week_year;
  int64_t month = 1, day = 1, week = 1, day_of_week = 1;
  std::optional<int64_t> day_of_year;
  int64_t hour = 0, minute = 0, second = 0, micros = 0;
  bool half_day = false, afternoon = false, by_week = false;
  std::optional<ZoneKey> zone;

  static void Check(const char* name, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high) {
      FailArgument(fmt::format("Invalid value for {} (valid values {} - {}): {}", name, low, high, value));
    }
  }

  int64_t Micros() const {
    const int64_t of_year = year.value_or(1970);
    Check("MonthOfYear", month, 1, 12);
    Check("HourOfDay", hour, 0, 23);
    Check("MinuteOfHour", minute, 0, 59);
    Check("SecondOfMinute", second, 0, 59);
    int64_t days = 0;
    if (by_week) {
      const int64_t fourth = DaysOf({week_year.value_or(1970), 1, 4});
      days = fourth - DayOfWeek(fourth) + 1 + (week - 1) * 7 + day_of_week - 1;
    } else if (day_of_year) {
      Check("DayOfYear", *day_of_year, 1, IsLeapYear(of_year) ? 366 : 365);
      days = DaysOf({of_year, 1, 1}) + *day_of_year - 1;
    } else {
      Check("DayOfMonth", day, 1, DaysInMonth(of_year, static_cast<int>(month)));
      days = DaysOf({of_year, static_cast<int>(month), static_cast<int>(day)});
    }
    const int64_t in_half = half_day ? hour % 12 + (afternoon ? 12 : 0) : hour;
    return days * kMicrosPerDay + in_half * kMicrosPerHour + minute * kMicrosPerMinute +
           second * kMicrosPerSecond + micros;
  }
};

void DatetimePattern::Format(int64_t micros, std::string* out, int32_t offset_minutes,
                             std::string_view zone) const {
  const int64_t days = FloorDivide(micros, kMicrosPerDay);
  const int64_t time = FloorRemainder(micros, kMicrosPerDay);
  const CivilDate date = CivilOf(days);
  const int64_t hour = time / kMicrosPerHour;
  for (const Element& element : elements_) {
    switch (element.field) {
      case Field::kLiteral:
        *out += element.literal;
        break;
      case Field::kEra:
        *out += date.year > 0 ? "AD" : "BC";
        break;
      case Field::kYear:
        AppendNumber(date.year, element.digits, out);
        break;
      case Field::kTwoDigitYear:
        AppendNumber(FloorRemainder(date.year, 100), 2, out);
        break;
      case Field::kWeekYear:
        AppendNumber(IsoWeekOf(days).year, element.digits, out);
        break;
      case Field::kWeek:
        AppendNumber(IsoWeekOf(days).week, element.digits, out);
        break;
      case Field::kDayOfYear:
        AppendNumber(DayOfYear(days), element.digits, out);
        break;
      case Field::kMonth:
        AppendNumber(date.month, element.digits, out);
        break;
      case Field::kMonthShort:
        *out += kMonths[date.month - 1].substr(0, 3);
        break;
      case Field::kMonthLong:
        *out += kMonths[date.month - 1];
        break;
      case Field::kDay:
        AppendNumber(date.day, element.digits, out);
        break;
      case Field::kHour24:
        AppendNumber(hour, element.digits, out);
        break;
      case Field::kClockHour24:
        AppendNumber(hour == 0 ? 24 : hour, element.digits, out);
        break;
      case Field::kHour12:
        AppendNumber(hour % 12, element.digits, out);
        break;
      case Field::kClockHour12:
        AppendNumber(hour % 12 == 0 ? 12 : hour % 12, element.digits, out);
        break;
      case Field::kMinute:
        AppendNumber(time / kMicrosPerMinute % 60, element.digits, out);
        break;
      case Field::kSecond:
        AppendNumber(time / kMicrosPerSecond % 60, element.digits, out);
        break;
      case Field::kFraction: {
        const std::string digits = fmt::format("{:06}", time % kMicrosPerSecond);
        for (int i = 0; i < element.digits; ++i) out->push_back(i < 6 ? digits[static_cast<size_t>(i)] : '0');
        break;
      }
      case Field::kHalfDay:
        *out += kHalves[hour >= 12];
        break;
      case Field::kDayOfWeek:
        AppendNumber(DayOfWeek(days), element.digits, out);
        break;
      case Field::kDayShort:
        *out += kDays[DayOfWeek(days) - 1].substr(0, 3);
        break;
      case Field::kDayLong:
        *out += kDays[DayOfWeek(days) - 1];
        break;
      case Field::kOffset:
      case Field::kOffsetColon: {
        const int32_t size = std::abs(offset_minutes);
        *out += fmt::format("{}{:02}{}{:02}", offset_minutes < 0 ? '-' : '+', size / 60,
                            element.field == Field::kOffset ? "" : ":", size % 60);
        break;
      }
      case Field::kZone:
        *out += zone;
        break;
    }
  }
}

DatetimePattern::Parsed DatetimePattern::Parse(std::string_view text) const {
  Fields fields;
  size_t at = 0;
  const auto read_number = [&](const Element& element) {
    const size_t begin = at;
    const bool sign = element.read == 9 && at < text.size() && (text[at] == '-' || text[at] == '+');
    if (sign) ++at;
    int64_t value = 0;
    int count = 0;
    for (; count < element.read && at < text.size() && text[at] >= '0' && text[at] <= '9'; ++count) {
      value = value * 10 + (text[at++] - '0');
    }
    if (count == 0) FailFormat(text, begin);
    if (element.field == Field::kFraction) {
      for (; count < 6; ++count) value *= 10;
      for (; count > 6; --count) value /= 10;
    }
    return sign && text[begin] == '-' ? -value : value;
  };
  const auto read_name = [&](const auto& names, size_t letters) {
    const auto found = ReadName(text.substr(at), names, letters);
    if (!found) FailFormat(text, at);
    at += found->second;
    return found->first;
  };
  for (const Element& element : elements_) {
    switch (element.field) {
      case Field::kLiteral:
        if (!StartsWithIgnoringCase(text.substr(at), element.literal)) FailFormat(text, at);
        at += element.literal.size();
        break;
      case Field::kEra:
        at += 2;
        break;
      case Field::kYear:
        fields.year = read_number(element);
        break;
      case Field::kTwoDigitYear: {
        // Two digits are a year around 2020.
        const int64_t year = read_number(element);
        fields.year = year < 70 ? 2000 + year : 1900 + year;
        break;
      }
      case Field::kWeekYear:
        fields.week_year = read_number(element);
        fields.by_week = true;
        break;
      case Field::kWeek:
        fields.week = read_number(element);
        fields.by_week = true;
        break;
      case Field::kDayOfYear:
        fields.day_of_year = read_number(element);
        break;
      case Field::kMonth:
        fields.month = read_number(element);
        break;
      case Field::kMonthShort:
      case Field::kMonthLong:
        fields.month = read_name(kMonths, 3) + 1;
        break;
      case Field::kDay:
        fields.day = read_number(element);
        break;
      case Field::kHour24:
        fields.hour = read_number(element);
        break;
      case Field::kClockHour24:
        fields.hour = read_number(element) % 24;
        break;
      case Field::kHour12:
      case Field::kClockHour12:
        fields.hour = read_number(element);
        fields.half_day = true;
        break;
      case Field::kMinute:
        fields.minute = read_number(element);
        break;
      case Field::kSecond:
        fields.second = read_number(element);
        break;
      case Field::kFraction:
        fields.micros = read_number(element);
        break;
      case Field::kHalfDay:
        fields.afternoon = read_name(kHalves, 2) == 1;
        break;
      case Field::kDayOfWeek:
        fields.day_of_week = read_number(element);
        break;
      case Field::kDayShort:
      case Field::kDayLong:
        fields.day_of_week = read_name(kDays, 3) + 1;
        break;
      case Field::kOffset:
      case Field::kOffsetColon:
      case Field::kZone:
        fields.zone = ReadZone(text, at);
        break;
    }
  }
  if (at != text.size()) FailFormat(text, at);
  return {fields.Micros(), fields.zone};
}

}  // namespace planaria::kernel
