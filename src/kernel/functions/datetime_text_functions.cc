// Dates and times to text and back: MySQL's and Joda's patterns, ISO 8601, casts from varchar.
#include <fmt/format.h>

#include <memory>

#include "kernel/datetime_text.h"
#include "kernel/functions/civil_time.h"
#include "kernel/functions/datetime_pattern.h"
#include "kernel/functions/families.h"
#include "kernel/functions/java_parse.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

using duckdb::date_t;
using duckdb::dtime_t;
using duckdb::timestamp_t;

/// The pattern of the last row, which is that of the next one as well as a rule.
template <DatetimePattern (*kRead)(std::string_view)>
class LastPattern {
 public:
  const DatetimePattern& Of(std::string_view text) {
    if (!pattern_ || text_ != text) {
      pattern_ = kRead(text);
      text_ = text;
    }
    return *pattern_;
  }

 private:
  std::string text_;
  std::optional<DatetimePattern> pattern_;
};
using MySqlPattern = LastPattern<DatetimePattern::MySql>;
using JodaPattern = LastPattern<DatetimePattern::Joda>;

int64_t MicrosOf(date_t date) { return date.days * kMicrosPerDay; }
int64_t MicrosOf(timestamp_t timestamp) { return timestamp.value; }
int64_t MicrosOf(Instant instant) { return instant.micros; }

template <typename Pattern, typename T>
struct FormatBy {
  void operator()(T value, std::string_view pattern, std::string& out) {
    pattern_.Of(pattern).Format(MicrosOf(value), &out);
  }
  Pattern pattern_;
};

/// Trino's result has milliseconds.
struct DateParse {
  timestamp_t operator()(std::string_view text, std::string_view pattern) {
    const int64_t micros = pattern_.Of(pattern).Parse(text).micros;
    return timestamp_t(FloorDivide(micros, kMicrosPerMilli) * kMicrosPerMilli);
  }
  MySqlPattern pattern_;
};

struct ParseDatetime {
  Instant operator()(std::string_view text, std::string_view pattern) {
    const auto parsed = pattern_.Of(pattern).Parse(text);
    return {FloorDivide(parsed.micros, kMicrosPerMilli) * kMicrosPerMilli -
            parsed.offset_seconds.value_or(0) * kMicrosPerSecond};
  }
  JodaPattern pattern_;
};

/// Reads numbers and separators from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Done() const { return at_ == text_.size(); }
  size_t at() const { return at_; }
  bool Take(char c) {
    if (Done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// From `least` to `most` digits.
  std::optional<int64_t> Number(int least, int most) {
    const size_t begin = at_;
    int64_t value = 0;
    while (!Done() && text_[at_] >= '0' && text_[at_] <= '9' && static_cast<int>(at_ - begin) < most) {
      value = value * 10 + (text_[at_++] - '0');
    }
    if (static_cast<int>(at_ - begin) < least) {
      at_ = begin;
      return std::nullopt;
    }
    return value;
  }
  /// Digits after a point as microseconds, rounded half up.
  std::optional<int64_t> Fraction() {
    const size_t begin = at_;
    int64_t value = 0;
    for (; !Done() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const size_t digit = at_ - begin;
      if (digit < 6) value = value * 10 + (text_[at_] - '0');
      if (digit == 6 && text_[at_] >= '5') ++value;
    }
    const size_t digits = at_ - begin;
    if (digits == 0 || digits > 12) return std::nullopt;
    for (size_t i = digits; i < 6; ++i) value *= 10;
    return value;
  }
  std::string_view Rest() const { return text_.substr(at_); }
  void Skip(size_t bytes) { at_ += bytes; }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// `[+-]YYYY-M-D`: days.
std::optional<int64_t> ReadDate(Reader& reader) {
  const bool negative = reader.Take('-');
  if (!negative) reader.Take('+');
  const auto year = reader.Number(1, 9);
  if (!year || !reader.Take('-')) return std::nullopt;
  const auto month = reader.Number(1, 2);
  if (!month || *month < 1 || *month > 12 || !reader.Take('-')) return std::nullopt;
  const auto day = reader.Number(1, 2);
  const int64_t signed_year = negative ? -*year : *year;
  if (!day || *day < 1 || *day > DaysInMonth(signed_year, static_cast<int>(*month))) return std::nullopt;
  return DaysOf({signed_year, static_cast<int>(*month), static_cast<int>(*day)});
}

/// `H:M[:S[.f]]`: microseconds, which rounding may carry to the next day.
std::optional<int64_t> ReadTime(Reader& reader) {
  const auto hour = reader.Number(1, 2);
  if (!hour || *hour > 23 || !reader.Take(':')) return std::nullopt;
  const auto minute = reader.Number(1, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t micros = *hour * kMicrosPerHour + *minute * kMicrosPerMinute;
  if (!reader.Take(':')) return micros;
  const auto second = reader.Number(1, 2);
  if (!second || *second > 59) return std::nullopt;
  micros += *second * kMicrosPerSecond;
  if (!reader.Take('.')) return micros;
  const auto fraction = reader.Fraction();
  if (!fraction) return std::nullopt;
  return micros + *fraction;
}

/// ` UTC`, ` Z`, ` +01:00` and the like: seconds east. Regions are not known here.
std::optional<int32_t> ReadOffset(Reader& reader) {
  for (const std::string_view utc : {"UTC", "GMT", "Z"}) {
    if (reader.Rest() == utc) {
      reader.Skip(utc.size());
      return 0;
    }
  }
  const bool negative = reader.Take('-');
  if (!negative && !reader.Take('+')) return std::nullopt;
  const auto hours = reader.Number(1, 2);
  if (!hours || *hours > 14) return std::nullopt;
  int64_t minutes = 0;
  if (reader.Take(':') || !reader.Done()) {
    const auto read = reader.Number(2, 2);
    if (!read || *read > 59) return std::nullopt;
    minutes = *read;
  }
  const auto seconds = static_cast<int32_t>(*hours * 3600 + minutes * 60);
  return negative ? -seconds : seconds;
}

/// Half up to `digits` of the fraction.
int64_t RoundMicros(int64_t micros, int64_t digits) {
  int64_t unit = 1;
  for (int64_t i = digits; i < 6; ++i) unit *= 10;
  return FloorDivide(micros + unit / 2, unit) * unit;
}

[[noreturn]] void FailCast(const char* type, std::string_view text) {
  FailFunction(errors::INVALID_CAST_ARGUMENT, fmt::format("Value cannot be cast to {}: {}", type, text));
}

date_t CastToDate(std::string_view text) {
  Reader reader(JavaTrim(text));
  const auto days = ReadDate(reader);
  if (!days || !reader.Done() || *days < INT32_MIN || *days > INT32_MAX) FailCast("date", text);
  return date_t(static_cast<int32_t>(*days));
}

struct Local {
  int64_t micros;
  std::optional<int32_t> offset_seconds;
};
std::optional<Local> ReadTimestamp(std::string_view text) {
  Reader reader(JavaTrim(text));
  const auto days = ReadDate(reader);
  if (!days || *days > 100000000 || *days < -100000000) return std::nullopt;
  Local local{*days * kMicrosPerDay, {}};
  if (reader.Done()) return local;
  if (!reader.Take(' ')) return std::nullopt;
  if (reader.Rest().find(':') < 3) {
    const auto time = ReadTime(reader);
    if (!time) return std::nullopt;
    local.micros += *time;
    if (reader.Done()) return local;
    reader.Take(' ');
  }
  local.offset_seconds = ReadOffset(reader);
  if (!local.offset_seconds || !reader.Done()) return std::nullopt;
  return local;
}

timestamp_t CastToTimestamp(std::string_view text, int64_t digits) {
  const auto local = ReadTimestamp(text);
  if (!local) FailCast("timestamp", text);
  return timestamp_t(RoundMicros(local->micros, digits));
}

Instant CastToInstant(std::string_view text, int64_t digits) {
  const auto local = ReadTimestamp(text);
  if (!local) FailCast("timestamp with time zone", text);
  return {RoundMicros(local->micros - local->offset_seconds.value_or(0) * kMicrosPerSecond, digits)};
}

dtime_t CastToTime(std::string_view text, int64_t digits) {
  Reader reader(JavaTrim(text));
  const auto micros = ReadTime(reader);
  if (!micros || !reader.Done()) FailCast("time", text);
  return dtime_t(RoundMicros(*micros, digits) % kMicrosPerDay);
}

timestamp_t RoundTimestamp(timestamp_t timestamp, int64_t digits) {
  return timestamp_t(RoundMicros(timestamp.value, digits));
}
dtime_t RoundTime(dtime_t time, int64_t digits) {
  return dtime_t(RoundMicros(time.micros, digits) % kMicrosPerDay);
}
Instant RoundInstant(Instant instant, int64_t digits) { return {RoundMicros(instant.micros, digits)}; }

[[noreturn]] void FailIso(std::string_view text, size_t at) {
  std::string message = fmt::format("Invalid format: \"{}\"", text);
  if (at > 0) {
    message += at >= text.size() ? std::string(" is too short")
                                 : fmt::format(" is malformed at \"{}\"", text.substr(at));
  }
  FailFunction(errors::INVALID_FUNCTION_ARGUMENT, message);
}

/// yyyy[-MM[-dd]], yyyy-DDD, yyyy-Www[-D].
std::optional<int64_t> ReadIsoDate(Reader& reader) {
  const bool negative = reader.Take('-');
  const auto year = reader.Number(4, 9);
  if (!year) return std::nullopt;
  const int64_t signed_year = negative ? -*year : *year;
  if (!reader.Take('-')) return DaysOf({signed_year, 1, 1});
  if (reader.Take('W')) {
    const auto week = reader.Number(2, 2);
    if (!week || *week < 1 || *week > 53) return std::nullopt;
    const auto day = reader.Take('-') ? reader.Number(1, 1) : std::optional<int64_t>(1);
    if (!day || *day < 1 || *day > 7) return std::nullopt;
    const int64_t fourth = DaysOf({signed_year, 1, 4});
    return fourth - DayOfWeek(fourth) + (*week - 1) * 7 + *day;
  }
  if (const auto of_year = reader.Number(3, 3)) {
    if (*of_year < 1 || *of_year > (IsLeapYear(signed_year) ? 366 : 365)) return std::nullopt;
    return DaysOf({signed_year, 1, 1}) + *of_year - 1;
  }
  const auto month = reader.Number(1, 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  const auto day = reader.Take('-') ? reader.Number(1, 2) : std::optional<int64_t>(1);
  if (!day || *day < 1 || *day > DaysInMonth(signed_year, static_cast<int>(*month))) return std::nullopt;
  return DaysOf({signed_year, static_cast<int>(*month), static_cast<int>(*day)});
}

date_t FromIso8601Date(std::string_view text) {
  Reader reader(text);
  const auto days = ReadIsoDate(reader);
  if (!days || !reader.Done()) FailIso(text, reader.at());
  return date_t(static_cast<int32_t>(*days));
}

Instant FromIso8601Timestamp(std::string_view text) {
  Reader reader(text);
  const auto days = ReadIsoDate(reader);
  if (!days) FailIso(text, reader.at());
  int64_t micros = *days * kMicrosPerDay;
  if (reader.Take('T') && !reader.Done()) {
    const auto hour = reader.Number(1, 2);
    if (!hour || *hour > 24) FailIso(text, reader.at());
    micros += *hour * kMicrosPerHour;
    for (const int64_t unit : {kMicrosPerMinute, kMicrosPerSecond}) {
      if (!reader.Take(':')) break;
      const auto part = reader.Number(1, 2);
      if (!part || *part > 59) FailIso(text, reader.at());
      micros += *part * unit;
    }
    if (reader.Take('.') || reader.Take(',')) {
      const auto fraction = reader.Fraction();
      if (!fraction) FailIso(text, reader.at());
      micros += *fraction;
    }
    if (!reader.Done()) {
      const size_t at = reader.at();
      const auto offset = ReadOffset(reader);
      if (!offset || !reader.Done()) FailIso(text, at);
      micros -= *offset * kMicrosPerSecond;
    }
  }
  if (!reader.Done()) FailIso(text, reader.at());
  return {FloorDivide(micros, kMicrosPerMilli) * kMicrosPerMilli};
}

void DateToIso8601(date_t date, std::string& out) { AppendDate(date.days, &out); }
void TimestampToIso8601(timestamp_t timestamp, int32_t digits, std::string& out) {
  AppendTimestamp(timestamp.value, 6, digits, &out);
  out[out.find(' ')] = 'T';
}
void InstantToIso8601(Instant instant, int32_t digits, std::string& out) {
  TimestampToIso8601(timestamp_t(instant.micros), digits, out);
  out.push_back('Z');
}

template <typename Pattern>
void AddFormat(FunctionSet& functions, const char* name) {
  functions.Add(ScalarOf<FormatBy<Pattern, date_t>>(name));
  functions.Add(ScalarOf<FormatBy<Pattern, timestamp_t>>(name));
  functions.Add(ScalarOf<FormatBy<Pattern, Instant>>(name));
}

}  // namespace

void AddDatetimeText(FunctionSet& functions) {
  AddFormat<MySqlPattern>(functions, "trino_date_format");
  AddFormat<JodaPattern>(functions, "trino_format_datetime");
  functions.Add(ScalarOf<DateParse>("trino_date_parse"));
  functions.Add(ScalarOf<ParseDatetime>("trino_parse_datetime"));
  functions.Add(Scalar<&CastToDate>("trino_cast_to_date"));
  functions.Add(Scalar<&CastToDate>("trino_date"));
  functions.Add(Scalar<&CastToTimestamp>("trino_cast_to_timestamp"));
  functions.Add(Scalar<&RoundTimestamp>("trino_cast_to_timestamp"));
  functions.Add(Scalar<&CastToTime>("trino_cast_to_time"));
  functions.Add(Scalar<&RoundTime>("trino_cast_to_time"));
  functions.Add(Scalar<&CastToInstant>("trino_cast_to_timestamp_with_time_zone"));
  functions.Add(Scalar<&RoundInstant>("trino_cast_to_timestamp_with_time_zone"));
  functions.Add(Scalar<&FromIso8601Date>("trino_from_iso8601_date"));
  functions.Add(Scalar<&FromIso8601Timestamp>("trino_from_iso8601_timestamp"));
  functions.Add(Scalar<&DateToIso8601>("trino_to_iso8601"));
  functions.Add(Scalar<&TimestampToIso8601>("trino_to_iso8601"));
  functions.Add(Scalar<&InstantToIso8601>("trino_to_iso8601"));
}

}  // namespace planaria::kernel
