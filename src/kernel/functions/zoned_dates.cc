// What is computed in a value's own time zone: date_trunc, date_add, date_diff, intervals, other zones; and
// of finer timestamps what concerns more than their microseconds.
#include <fmt/format.h>

#include <cmath>

#include "kernel/functions/date_units.h"
#include "kernel/functions/families.h"
#include "kernel/functions/moments.h"
#include "kernel/functions/wide_integer.h"

namespace planaria::kernel {

namespace {

using duckdb::interval_t;

constexpr int64_t kNanosPerMicro = 1000;

/// Units of days and more are those of the calendar, on which an hour may be missing or twice.
bool IsOfCalendar(Unit unit) { return unit >= Unit::kDay; }

/// `local` as an instant of the zone of `before`, with the offset that held there if it still does.
Moment BackFrom(int64_t local, const Moment& before) {
  const int64_t offset = OffsetAt(before.zone, before.micros);
  const int64_t same = local - offset;
  const int64_t micros = OffsetAt(before.zone, same) == offset ? same : UtcOf(before.zone, local).utc_micros;
  return {micros, before.picos, before.zone};
}

Moment Trunc(std::string_view name, Moment zoned) {
  const Unit unit = TimestampUnit(name);
  const int64_t offset = OffsetAt(zoned.zone, zoned.micros);
  const int64_t local = TruncateMicros(unit, zoned.micros + offset);
  zoned.picos = 0;
  if (IsOfCalendar(unit)) return BackFrom(local, zoned);
  return {local - offset, 0, zoned.zone};
}

Moment Add(std::string_view name, int64_t count, Moment zoned) {
  const Unit unit = TimestampUnit(name);
  if (!IsOfCalendar(unit)) return {AddMicros(unit, count, zoned.micros), zoned.picos, zoned.zone};
  return BackFrom(AddMicros(unit, count, LocalOf(zoned).micros), zoned);
}

/// Of milliseconds, in the zone of the first.
int64_t Diff(std::string_view name, Moment from, Moment to) {
  const Unit unit = TimestampUnit(name);
  const int64_t offset = OffsetAt(from.zone, from.micros);
  const int64_t end = IsOfCalendar(unit) ? OffsetAt(from.zone, to.micros) : offset;
  const auto whole = [](int64_t micros) { return FloorDivide(micros, kMicrosPerMilli) * kMicrosPerMilli; };
  return DiffMicros(unit, whole(from.micros + offset), whole(to.micros + end));
}

Moment Plus(Moment zoned, interval_t interval) {
  if (interval.months != 0) {
    zoned = BackFrom(AddMicros(Unit::kMonth, interval.months, LocalOf(zoned).micros), zoned);
  }
  zoned.micros = Checked(__int128{zoned.micros} + __int128{interval.days} * kMicrosPerDay + interval.micros);
  return zoned;
}
interval_t Negated(interval_t interval) { return {-interval.months, -interval.days, -interval.micros}; }
Moment Minus(Moment zoned, interval_t interval) { return Plus(zoned, Negated(interval)); }

int64_t MicrosIn(interval_t interval) { return interval.days * kMicrosPerDay + interval.micros; }
Moment TimePlus(Moment time, interval_t interval) {
  return {FloorRemainder(time.micros + MicrosIn(interval) % kMicrosPerDay, kMicrosPerDay), time.picos,
          time.zone};
}
Moment TimeMinus(Moment time, interval_t interval) { return TimePlus(time, Negated(interval)); }

Moment TimeTrunc(std::string_view name, Moment time) {
  const int64_t local = LocalTimeOf(time).micros;
  return ZonedTime({TruncateMicros(TimeUnit(name), local), 0, kUtc}, time.zone);
}
Moment TimeAdd(std::string_view name, int64_t count, Moment time) {
  const auto moved = static_cast<int64_t>(__int128{count} * MicrosOf(TimeUnit(name)) % kMicrosPerDay);
  return TimePlus(time, {0, 0, moved});
}
int64_t TimeDiff(std::string_view name, Moment from, Moment to) {
  return DiffMicros(TimeUnit(name), from.micros, to.micros);
}

/// An offset as AT TIME ZONE takes it.
ZoneKey ZoneOfInterval(interval_t interval) {
  const int64_t micros = MicrosIn(interval);
  if (interval.months != 0 || micros % kMicrosPerMinute != 0) {
    FailArgument("Invalid time zone offset interval: interval contains seconds");
  }
  const int64_t minutes = micros / kMicrosPerMinute;
  if (std::abs(minutes) > kMaxOffsetMinutes) FailArgument(fmt::format("Invalid offset minutes {}", minutes));
  return ZoneOfOffset(static_cast<int32_t>(minutes));
}

struct AtZone {
  Moment operator()(Moment zoned, std::string_view zone) {
    return {zoned.micros, zoned.picos, zone_.Of(zone)};
  }
  LastZone zone_;
};
Moment AtOffset(Moment zoned, interval_t interval) {
  return {zoned.micros, zoned.picos, ZoneOfInterval(interval)};
}
/// A region has the offset of the query's instant, `now`.
struct TimeAtZone {
  Moment operator()(Moment time, std::string_view name, Instant now) {
    const ZoneKey zone = zone_.Of(name);
    const int64_t minutes = OffsetAt(zone, now.micros) / kMicrosPerMinute;
    return {time.micros, time.picos, ZoneOfOffset(static_cast<int32_t>(minutes))};
  }
  LastZone zone_;
};

void NameOfZone(Moment zoned, std::string& out) { out = ZoneName(zoned.zone); }
int64_t OffsetMinutes(const Moment& zoned) { return OffsetAt(zoned.zone, zoned.micros) / kMicrosPerMinute; }
int64_t ZoneHour(Moment zoned) { return OffsetMinutes(zoned) / 60; }
int64_t ZoneMinute(Moment zoned) { return OffsetMinutes(zoned) % 60; }

struct FromUnixtimeIn {
  Moment operator()(double seconds, std::string_view zone) {
    const double millis = std::floor(seconds * 1000 + 0.5);
    if (!(std::fabs(millis) < 9.2e15)) FailArgument("Millis overflow: unixtime is out of range");
    const auto key = FindZone(zone);
    if (!key) FailFunction(errors::NOT_SUPPORTED, fmt::format("Time zone not supported: {}", zone));
    return {static_cast<int64_t>(millis) * kMicrosPerMilli, 0, *key};
  }
};
struct FromUnixtimeAt {
  Moment operator()(double seconds, int64_t hours, int64_t minutes) {
    if (std::abs(hours) > 100 || std::abs(minutes) > 6000) FailArgument("Invalid offset minutes");
    const int64_t offset = hours * 60 + minutes;
    if (std::abs(offset) > kMaxOffsetMinutes) {
      FailArgument(fmt::format("Invalid offset minutes {}", offset));
    }
    Moment moment = unzoned_(seconds, "UTC");
    moment.zone = ZoneOfOffset(static_cast<int32_t>(offset));
    return moment;
  }
  FromUnixtimeIn unzoned_;
};
struct FromUnixtimeNanos {
  Moment operator()(int64_t nanos, std::string_view zone) {
    return {FloorDivide(nanos, kNanosPerMicro),
            static_cast<int32_t>(FloorRemainder(nanos, kNanosPerMicro) * kNanosPerMicro), zone_.Of(zone)};
  }
  LastZone zone_;
};
struct FromWideUnixtimeNanos {
  Moment operator()(duckdb::hugeint_t wide, std::string_view zone) {
    const Int128 nanos = FromHugeint(wide);
    const Int128 rest = nanos % kNanosPerMicro, part = rest < 0 ? rest + kNanosPerMicro : rest;
    const Int128 micros = (nanos - part) / kNanosPerMicro;
    if (micros < INT64_MIN || micros > INT64_MAX) FailArgument("long overflow");
    return {static_cast<int64_t>(micros), static_cast<int32_t>(part * kNanosPerMicro), zone_.Of(zone)};
  }
  LastZone zone_;
};
double ToUnixtime(Moment moment) { return static_cast<double>(moment.micros) / 1e6 + moment.picos / 1e12; }

void AppendIso(const Moment& local, int64_t digits, std::string& out) {
  AppendMoment(local, static_cast<int>(digits), &out);
  out[out.find(' ')] = 'T';
}
void FineToIso(Moment local, int64_t digits, std::string& out) { AppendIso(local, digits, out); }
void ZonedToIso(Moment zoned, int64_t digits, std::string& out) {
  AppendIso(LocalOf(zoned), digits, out);
  const int64_t minutes = OffsetMinutes(zoned);
  out += minutes == 0 ? "Z" : ZoneName(ZoneOfOffset(static_cast<int32_t>(minutes)));
}

}  // namespace

void AddZonedDates(FunctionSet& functions) {
  functions.Add(Scalar<&Trunc>("trino_zoned_date_trunc"));
  functions.Add(Scalar<&Add>("trino_zoned_date_add"));
  functions.Add(Scalar<&Diff>("trino_zoned_date_diff"));
  functions.Add(Scalar<&Plus>("trino_moment_plus"));
  functions.Add(Scalar<&Minus>("trino_moment_minus"));
  functions.Add(Scalar<&TimePlus>("trino_time_plus"));
  functions.Add(Scalar<&TimeMinus>("trino_time_minus"));
  functions.Add(Scalar<&TimeTrunc>("trino_fine_time_trunc"));
  functions.Add(Scalar<&TimeAdd>("trino_fine_time_add"));
  functions.Add(Scalar<&TimeDiff>("trino_fine_time_diff"));
  functions.Add(ScalarOf<AtZone>("trino_at_timezone"));
  functions.Add(Scalar<&AtOffset>("trino_at_timezone"));
  functions.Add(ScalarOf<TimeAtZone>("trino_time_at_timezone"));
  functions.Add(Scalar<&NameOfZone>("trino_timezone"));
  functions.Add(Scalar<&ZoneHour>("trino_timezone_hour"));
  functions.Add(Scalar<&ZoneMinute>("trino_timezone_minute"));
  functions.Add(ScalarOf<FromUnixtimeIn>("trino_from_unixtime"));
  functions.Add(ScalarOf<FromUnixtimeAt>("trino_from_unixtime"));
  functions.Add(ScalarOf<FromUnixtimeNanos>("trino_from_unixtime_nanos"));
  functions.Add(ScalarOf<FromWideUnixtimeNanos>("trino_from_unixtime_nanos"));
  functions.Add(Scalar<&ToUnixtime>("trino_moment_to_unixtime"));
  functions.Add(Scalar<&FineToIso>("trino_fine_to_iso8601"));
  functions.Add(Scalar<&ZonedToIso>("trino_zoned_to_iso8601"));
}

}  // namespace planaria::kernel
