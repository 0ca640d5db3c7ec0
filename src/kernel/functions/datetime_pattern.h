// Patterns of dates and times, read once: MySQL's (`%Y-%m-%d`) and Joda's (`yyyy-MM-dd`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

class DatetimePattern {
 public:
  /// Throw Trino's INVALID_FUNCTION_ARGUMENT for letters that mean nothing.
  static DatetimePattern MySql(std::string_view pattern);
  static DatetimePattern Joda(std::string_view pattern);

  /// Appends microseconds of the local time since 1970; offset and name of the zone where the pattern asks.
  void Format(int64_t micros, std::string* out, int32_t offset_minutes = 0,
              std::string_view zone = "UTC") const;

  struct Parsed {
    /// Local time: what the fields say, 1970-01-01 00:00 where they say nothing.
    int64_t micros;
    /// The key of the time zone (time_zones.h).
    std::optional<uint16_t> zone;
  };
  /// All of `text`; throws Trino's INVALID_FUNCTION_ARGUMENT that says where it does not fit.
  Parsed Parse(std::string_view text) const;

 private:
  enum class Field {
    kLiteral,
    kEra,
    kYear,
    kTwoDigitYear,
    kWeekYear,
    kWeek,
    kDayOfYear,
    kMonth,
    kMonthShort,
    kMonthLong,
    kDay,
    kHour24,
    kClockHour24,
    kHour12,
    kClockHour12,
    kMinute,
    kSecond,
    kFraction,
    kHalfDay,
    kDayOfWeek,
    kDayShort,
    kDayLong,
    kOffset,
    kOffsetColon,
    kZone
  };
  struct Element {
    Field field;
    /// Digits written at least.
    int digits = 1;
    /// Digits read at most.
    int read = 1;
    std::string literal = {};
  };
  struct Fields;

  void Add(Field field, int digits, int read) { elements_.push_back({field, digits, read}); }
  void AddLiteral(char c);
  void AddJodaRun(char letter, int count);
  static bool IsNumber(Field field);

  std::vector<Element> elements_;
};

}  // namespace planaria::kernel
