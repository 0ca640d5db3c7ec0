// Intervals: what lies between two moments, their arithmetic with numbers, their texts, and sequences of
// moments that are an interval apart.
#include <cmath>

#include "kernel/datetime_text.h"
#include "kernel/functions/date_units.h"
#include "kernel/functions/families.h"
#include "kernel/functions/moments.h"

namespace planaria::kernel {

namespace scalar_detail {
template <>
inline duckdb::LogicalType TypeOf<duckdb::uhugeint_t>() {
  return duckdb::LogicalType::UHUGEINT;
}
}  // namespace scalar_detail

namespace {

using duckdb::date_t;
using duckdb::interval_t;
using duckdb::timestamp_t;

constexpr int64_t kMillisPerDay = kMicrosPerDay / kMicrosPerMilli;
constexpr __int128 kPicosPerMilli = __int128{kPicosPerMicro} * kMicrosPerMilli;
constexpr int64_t kMostEntries = 10000;

interval_t OfMillis(int64_t millis) {
  return {0, static_cast<int32_t>(millis / kMillisPerDay), millis % kMillisPerDay * kMicrosPerMilli};
}
int64_t MicrosIn(interval_t interval) { return interval.days * kMicrosPerDay + interval.micros; }
int64_t MillisIn(interval_t interval) { return MicrosIn(interval) / kMicrosPerMilli; }

__int128 Picos(const Moment& moment) { return __int128{moment.micros} * kPicosPerMicro + moment.picos; }

/// Milliseconds, as the interval has no more; half up.
interval_t Between(Moment later, Moment earlier) {
  const __int128 picos = Picos(later) - Picos(earlier) + kPicosPerMilli / 2;
  const __int128 rest = picos % kPicosPerMilli;
  return OfMillis(static_cast<int64_t>((picos - (rest < 0 ? rest + kPicosPerMilli : rest)) / kPicosPerMilli));
}
interval_t BetweenTimestamps(timestamp_t later, timestamp_t earlier) {
  return Between({later.value, 0, kUtc}, {earlier.value, 0, kUtc});
}

/// Towards zero, months and milliseconds alike: an interval has one of them.
interval_t Scaled(interval_t interval, double factor) {
  const double months = interval.months * factor;
  const double millis = static_cast<double>(MillisIn(interval)) * factor;
  if (!(std::fabs(months) < 2147483648.0) || !(std::fabs(millis) < 9.2e18)) {
    FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, "interval out of range");
  }
  interval_t scaled = OfMillis(static_cast<int64_t>(millis));
  scaled.months = static_cast<int32_t>(months);
  return scaled;
}
interval_t Multiplied(interval_t interval, double factor) {
  if (std::isnan(factor)) FailArgument("Cannot multiply by double NaN");
  return Scaled(interval, factor);
}
interval_t Divided(interval_t interval, double divisor) {
  if (std::isnan(divisor)) FailArgument("Cannot divide by double NaN");
  if (divisor == 0)
    FailArgument(std::signbit(divisor) ? "Cannot divide by double -0.0" : "Cannot divide by double 0.0");
  const double months = interval.months / divisor;
  const double millis = static_cast<double>(MillisIn(interval)) / divisor;
  return interval.months != 0 ? Scaled({1, 0, 0}, months) : Scaled({0, 0, kMicrosPerMilli}, millis);
}

/// What a date moves by; `adds` is for the message.
interval_t WholeDays(interval_t interval, bool adds) {
  if (MicrosIn(interval) % kMicrosPerDay == 0) return interval;
  FailArgument(adds ? "Cannot add hour, minutes or seconds to a date"
                    : "Cannot subtract hour, minutes or seconds from a date");
}

void DaysToText(interval_t interval, std::string& out) { AppendDayToSecond(MillisIn(interval), &out); }
void MonthsToText(interval_t interval, std::string& out) { AppendYearToMonth(interval.months, &out); }

/// How many steps a sequence has.
int64_t Length(int64_t distance, int64_t step) {
  if (step == 0) FailArgument("interval must not be zero");
  if (step > 0 ? distance < 0 : distance > 0) {
    FailArgument(
        "sequence stop value should be greater than or equal to start value if step is greater than zero "
        "otherwise stop should be less than or equal to start");
  }
  const int64_t length = distance / step + 1;
  if (length > kMostEntries) {
    FailArgument("result of sequence function must not have more than 10000 entries");
  }
  return length;
}

template <typename T, typename At>
void Fill(int64_t length, ListOut<T>& out, At at) {
  for (int64_t i = 0; i < length; ++i) out.items.push_back(at(i));
}

/// Months are counted from the start, so that the day of the month does not wear off.
int64_t MonthsLength(int64_t start_micros, int64_t stop_micros, int64_t step) {
  // Of a span of less than a month the sign is what tells the direction.
  if (step > 0 ? stop_micros < start_micros : stop_micros > start_micros) Length(step > 0 ? -1 : 1, step);
  return Length(DiffMicros(Unit::kMonth, start_micros, stop_micros), step);
}

void Dates(date_t start, date_t stop, interval_t step, ListOut<date_t>& out) {
  if (step.months != 0) {
    const int64_t length = MonthsLength(start.days * kMicrosPerDay, stop.days * kMicrosPerDay, step.months);
    return Fill(length, out, [&](int64_t i) {
      return date_t(static_cast<int32_t>(AddMonths(start.days, i * step.months)));
    });
  }
  if (MillisIn(step) % kMillisPerDay != 0) {
    FailArgument("sequence step must be a day interval if start and end values are dates");
  }
  const int64_t days = MillisIn(step) / kMillisPerDay;
  Fill(Length(int64_t{stop.days} - start.days, days), out,
       [&](int64_t i) { return date_t(static_cast<int32_t>(start.days + i * days)); });
}

template <typename T, typename Make>
void Micros(int64_t start, int64_t stop, interval_t step, ListOut<T>& out, Make make) {
  if (step.months != 0) {
    return Fill(MonthsLength(start, stop, step.months), out,
                [&](int64_t i) { return make(AddMicros(Unit::kMonth, i * step.months, start)); });
  }
  const int64_t micros = MicrosIn(step);
  Fill(Length(stop - start, micros), out, [&](int64_t i) { return make(start + i * micros); });
}

void Timestamps(timestamp_t start, timestamp_t stop, interval_t step, ListOut<timestamp_t>& out) {
  Micros(start.value, stop.value, step, out, [](int64_t micros) { return timestamp_t(micros); });
}
void FineTimestamps(Moment start, Moment stop, interval_t step, ListOut<duckdb::uhugeint_t>& out) {
  // What the stop has less of a microsecond than the start leaves it out.
  const int64_t last = stop.micros - (step.micros >= 0 && stop.picos < start.picos ? 1 : 0) +
                       (step.micros < 0 && stop.picos > start.picos ? 1 : 0);
  Micros(start.micros, last, step, out, [&](int64_t micros) {
    return Pack({micros, start.picos, start.zone});
  });
}

}  // namespace

void AddIntervals(FunctionSet& functions) {
  functions.Add(Scalar<&Between>("trino_moments_between"));
  functions.Add(Scalar<&BetweenTimestamps>("trino_moments_between"));
  functions.Add(Scalar<&WholeDays>("trino_whole_days"));
  functions.Add(Scalar<&Multiplied>("trino_interval_multiply"));
  functions.Add(Scalar<&Divided>("trino_interval_divide"));
  functions.Add(Scalar<&DaysToText>("trino_day_to_second_to_varchar"));
  functions.Add(Scalar<&MonthsToText>("trino_year_to_month_to_varchar"));
  functions.Add(Scalar<&Dates>("trino_sequence"));
  functions.Add(Scalar<&Timestamps>("trino_sequence"));
  functions.Add(Scalar<&FineTimestamps>("trino_sequence"));
}

}  // namespace planaria::kernel
