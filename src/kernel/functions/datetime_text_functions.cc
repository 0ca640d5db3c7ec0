// Dates and times to text and back: MySQL's and Joda's patterns, ISO 8601, casts from varchar.
#include <fmt/format.h>

#include <memory>

#include "kernel/datetime_text.h"
#include "kernel/functions/civil_time.h"
#include "kernel/functions/datetime_pattern.h"
#include "kernel/functions/families.h"
#include "kernel/functions/java_parse.h"
#include "kernel/functions/moments.h"

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

template <typename Pattern, typename T>
struct FormatBy {
  void operator()(T value, std::string_view pattern, std::string& out) {
    pattern_.Of(pattern).Format(MicrosOf(value), &out);
  }
  Pattern pattern_;
};

template <typename Pattern>
struct FormatZonedBy {
  void operator()(Moment zoned, std::string_view pattern, std::string& out) {
    const Moment local = LocalOf(zoned);
    const int64_t millis = FloorDivide(local.micros, kMicrosPerMilli);
    const auto offset = static_cast<int32_t>((local.micros - zoned.micros) / kMicrosPerMinute);
    pattern_.Of(pattern).Format(millis * kMicrosPerMilli, &out, offset, ZoneName(zoned.zone));
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

/// In the zone that the text names, else in the session's.
struct ParseDatetime {
  Moment operator()(std::string_view text, std::string_view pattern, std::string_view session_zone) {
    const auto parsed = pattern_.Of(pattern).Parse(text);
    const int64_t micros = FloorDivide(parsed.micros, kMicrosPerMilli) * kMicrosPerMilli;
    return Zoned({micros, 0, kUtc}, parsed.zone ? *parsed.zone : zone_.Of(session_zone));
  }
  JodaPattern pattern_;
  LastZone zone_;
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
  /// Digits after a point as nanoseconds; what is finer is dropped.
  std::optional<int64_t> Nanos() {
    const size_t begin = at_;
    int64_t value = 0;
    for (; !Done() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (at_ - begin < 9) value = value * 10 + (text_[at_] - '0');
    }
    if (at_ == begin) return std::nullopt;
    for (size_t digits = at_ - begin; digits < 9; ++digits) value *= 10;
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

/// What the clocks of its zone show, if it names one.
timestamp_t CastToTimestamp(std::string_view text, int64_t digits) {
  const auto written = ReadMoment(text);
  if (!written || (!written->zone.empty() && !FindZone(written->zone))) FailCast("timestamp", text);
  return timestamp_t(Rounded(written->local, digits).micros);
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

/// The digits of a fraction that the result has; no zone in the text is the session's.
template <int64_t kFractionUnit>
struct FromIso8601Timestamp {
  Moment operator()(std::string_view text, std::string_view session_zone) {
    Reader reader(text);
    const auto days = ReadIsoDate(reader);
    if (!days) FailIso(text, reader.at());
    Moment local{*days * kMicrosPerDay, 0, kUtc};
    std::optional<ZoneKey> zone;
    if (reader.Take('T') && !reader.Done()) {
      const auto hour = reader.Number(1, 2);
      if (!hour || *hour > 24) FailIso(text, reader.at());
      local.micros += *hour * kMicrosPerHour;
      for (const int64_t unit : {kMicrosPerMinute, kMicrosPerSecond}) {
        if (!reader.Take(':')) break;
        const auto part = reader.Number(1, 2);
        if (!part || *part > 59) FailIso(text, reader.at());
        local.micros += *part * unit;
      }
      if (reader.Take('.') || reader.Take(',')) {
        const auto nanos = reader.Nanos();
        if (!nanos) FailIso(text, reader.at());
        const int64_t kept = *nanos / kFractionUnit * kFractionUnit;
        local.micros += kept / 1000;
        local.picos = static_cast<int32_t>(kept % 1000 * 1000);
      }
      if (!reader.Done()) {
        const size_t at = reader.at();
        const auto offset = ReadOffset(reader);
        if (!offset || !reader.Done()) FailIso(text, at);
        zone = ZoneOfOffset(*offset / 60);
      }
    }
    if (!reader.Done()) FailIso(text, reader.at());
    return Zoned(local, zone ? *zone : zone_.Of(session_zone));
  }
  LastZone zone_;
};

void DateToIso8601(date_t date, std::string& out) { AppendDate(date.days, &out); }
void TimestampToIso8601(timestamp_t timestamp, int32_t digits, std::string& out) {
  AppendTimestamp(timestamp.value, 6, digits, &out);
  out[out.find(' ')] = 'T';
}
template <typename Pattern>
void AddFormat(FunctionSet& functions, const char* name) {
  functions.Add(ScalarOf<FormatBy<Pattern, date_t>>(name));
  functions.Add(ScalarOf<FormatBy<Pattern, timestamp_t>>(name));
  functions.Add(ScalarOf<FormatZonedBy<Pattern>>(name));
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
  functions.Add(Scalar<&FromIso8601Date>("trino_from_iso8601_date"));
  functions.Add(ScalarOf<FromIso8601Timestamp<1000000>>("trino_from_iso8601_timestamp"));
  functions.Add(ScalarOf<FromIso8601Timestamp<1>>("trino_from_iso8601_timestamp_nanos"));
  functions.Add(Scalar<&DateToIso8601>("trino_to_iso8601"));
  functions.Add(Scalar<&TimestampToIso8601>("trino_to_iso8601"));
}

}  // namespace planaria::kernel
