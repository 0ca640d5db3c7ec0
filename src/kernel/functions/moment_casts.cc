// Casts from and to timestamps with time zone, and times and timestamps finer than a microsecond.
#include <fmt/format.h>

#include "kernel/functions/families.h"
#include "kernel/functions/moments.h"

namespace planaria::kernel {

namespace {

using duckdb::dtime_t;
using duckdb::timestamp_t;

[[noreturn]] void FailCast(const char* type, std::string_view text) {
  FailFunction(errors::INVALID_CAST_ARGUMENT, fmt::format("Value cannot be cast to {}: {}", type, text));
}

Moment Key(Moment moment) { return {moment.micros, moment.picos, kUtc}; }

Moment FromInstant(Instant instant) { return {instant.micros, 0, kUtc}; }
struct FromInstantIn {
  Moment operator()(Instant instant, std::string_view zone) { return {instant.micros, 0, zone_.Of(zone)}; }
  LastZone zone_;
};
Instant InstantOf(Moment zoned) { return {zoned.micros}; }

Moment OfTimestamp(timestamp_t timestamp) { return {timestamp.value, 0, kUtc}; }
Moment OfNanos(int64_t nanos) {
  return {FloorDivide(nanos, 1000), static_cast<int32_t>(FloorRemainder(nanos, 1000) * 1000), kUtc};
}
Moment OfTime(dtime_t time) { return {time.micros, 0, kUtc}; }

struct FromLocal {
  Moment operator()(timestamp_t local, std::string_view zone) {
    return Zoned(OfTimestamp(local), zone_.Of(zone));
  }
  LastZone zone_;
};
struct FromFineLocal {
  Moment operator()(Moment local, std::string_view zone) { return Zoned(local, zone_.Of(zone)); }
  LastZone zone_;
};

/// Of a text that names no zone, the session's. Java tells regions by upper and lower case.
std::optional<ZoneKey> ZoneOf(const WrittenMoment& written, std::string_view session_zone) {
  if (written.zone.empty()) return FindZone(session_zone);
  const auto zone = FindZone(written.zone);
  if (zone && !FixedOffset(*zone) && ZoneName(*zone) != written.zone) return std::nullopt;
  return zone;
}

Moment FromText(std::string_view text, int64_t digits, std::string_view session_zone) {
  const auto written = ReadMoment(text);
  const auto zone = written ? ZoneOf(*written, session_zone) : std::nullopt;
  if (!zone) FailCast("timestamp", text);
  return Rounded(Zoned(written->local, *zone), digits);
}

/// A local time that clocks skipped is no literal, although a cast takes it.
Moment FromLiteral(std::string_view text) {
  const auto written = ReadMoment(text);
  const auto zone = written ? ZoneOf(*written, "UTC") : std::nullopt;
  if (written && !zone && (written->zone.starts_with('+') || written->zone.starts_with('-'))) {
    FailFunction(errors::NOT_SUPPORTED, fmt::format("Time zone not supported: {}", written->zone));
  }
  if (!zone || UtcOf(*zone, written->local.micros).in_gap) {
    FailFunction(errors::INVALID_LITERAL, fmt::format("'{}' is not a valid TIMESTAMP literal", text));
  }
  return Zoned(written->local, *zone);
}

/// Its zone, if there is one, is not looked at.
Moment FineFromText(std::string_view text, int64_t digits) {
  const auto written = ReadMoment(text);
  if (!written || (!written->zone.empty() && !FindZone(written->zone))) FailCast("timestamp", text);
  return Rounded(written->local, digits);
}

Moment FineTimeFromText(std::string_view text, int64_t digits) {
  const auto written = ReadTimeOfDay(text);
  if (!written || !written->zone.empty()) FailCast("time", text);
  return RoundedInDay(written->local, digits);
}

struct ZonedTimeFromText {
  Moment operator()(std::string_view text, int64_t digits, std::string_view session_zone) {
    const auto written = ReadTimeOfDay(text);
    const bool offset = written && (written->zone.empty() || written->zone.size() == 6);
    const auto zone = !offset ? std::nullopt : FindZone(written->zone.empty() ? session_zone : written->zone);
    if (!zone || (!written->zone.empty() && !FixedOffset(*zone))) FailCast("time with time zone", text);
    return RoundedInDay(ZonedTime(written->local, ZoneOfSession(*zone)), digits);
  }
  static ZoneKey ZoneOfSession(ZoneKey zone) {
    return FixedOffset(zone) ? zone
                             : ZoneOfOffset(static_cast<int32_t>(OffsetAt(zone, 0) / kMicrosPerMinute));
  }
};

struct ZonedTimeFromLocal {
  Moment operator()(Moment local, std::string_view zone) {
    return ZonedTime(local, ZonedTimeFromText::ZoneOfSession(zone_.Of(zone)));
  }
  LastZone zone_;
};

/// The offset that the zone had then.
Moment ZonedTimeOf(Moment zoned) {
  const int64_t offset = OffsetAt(zoned.zone, zoned.micros) / kMicrosPerMinute;
  return {FloorRemainder(zoned.micros, kMicrosPerDay), zoned.picos,
          ZoneOfOffset(static_cast<int32_t>(offset))};
}

timestamp_t LocalTimestamp(Moment zoned) { return timestamp_t(LocalOf(zoned).micros); }
Moment FineLocal(Moment zoned) { return LocalOf(zoned); }
Moment TimeOf(Moment local) { return {FloorRemainder(local.micros, kMicrosPerDay), local.picos, kUtc}; }
dtime_t PlainTime(Moment local) { return dtime_t(local.micros); }
dtime_t LocalTimeOfDay(Moment zoned) { return dtime_t(LocalTimeOf(zoned).micros); }
Moment FineLocalTime(Moment zoned) { return LocalTimeOf(zoned); }

/// The microseconds of the one, and of the other what is finer.
Moment WithPicos(timestamp_t timestamp, Moment fine) { return {timestamp.value, fine.picos, kUtc}; }
Moment TimeWithPicos(dtime_t time, Moment fine) { return {time.micros, fine.picos, kUtc}; }

void FineToText(Moment moment, int64_t digits, std::string& out) {
  AppendMoment(moment, static_cast<int>(digits), &out);
}
void ZonedToText(Moment zoned, int64_t digits, std::string& out) {
  AppendMoment(LocalOf(zoned), static_cast<int>(digits), &out);
  out += " " + ZoneName(zoned.zone);
}
void FineTimeToText(Moment time, int64_t digits, std::string& out) {
  AppendTimeOfDay(time, static_cast<int>(digits), &out);
}
void ZonedTimeToText(Moment zoned, int64_t digits, std::string& out) {
  AppendTimeOfDay(LocalTimeOf(zoned), static_cast<int>(digits), &out);
  out += zoned.zone == kUtc ? "+00:00" : ZoneName(zoned.zone);
}

}  // namespace

void AddMomentCasts(FunctionSet& functions) {
  functions.Add(Scalar<&Key>("trino_moment_key"));
  functions.Add(Scalar<&FromInstant>("trino_zoned_of_instant"));
  functions.Add(ScalarOf<FromInstantIn>("trino_zoned_of_instant"));
  functions.Add(Scalar<&InstantOf>("trino_instant_of_zoned"));
  functions.Add(ScalarOf<FromLocal>("trino_zoned_of_local"));
  functions.Add(ScalarOf<FromFineLocal>("trino_zoned_of_local"));
  functions.Add(Scalar<&FromText>("trino_zoned_of_text"));
  functions.Add(Scalar<&FromLiteral>("trino_zoned_of_literal"));
  functions.Add(Scalar<&Rounded>("trino_moment_rounded"));
  functions.Add(Scalar<&RoundedInDay>("trino_time_rounded"));
  functions.Add(Scalar<&LocalTimestamp>("trino_local"));
  functions.Add(Scalar<&FineLocal>("trino_fine_local"));
  functions.Add(Scalar<&OfTimestamp>("trino_fine"));
  functions.Add(Scalar<&WithPicos>("trino_fine"));
  functions.Add(Scalar<&FineFromText>("trino_fine_of_text"));
  functions.Add(Scalar<&OfNanos>("trino_fine_of_nanos"));
  functions.Add(Scalar<&OfTime>("trino_fine_time"));
  functions.Add(Scalar<&TimeWithPicos>("trino_fine_time"));
  functions.Add(Scalar<&TimeOf>("trino_fine_time_of_timestamp"));
  functions.Add(Scalar<&FineTimeFromText>("trino_fine_time_of_text"));
  functions.Add(Scalar<&PlainTime>("trino_time_of_fine"));
  functions.Add(ScalarOf<ZonedTimeFromText>("trino_zoned_time_of_text"));
  functions.Add(ScalarOf<ZonedTimeFromLocal>("trino_zoned_time_of_local"));
  functions.Add(Scalar<&ZonedTimeOf>("trino_zoned_time_of_zoned"));
  functions.Add(Scalar<&LocalTimeOfDay>("trino_local_time"));
  functions.Add(Scalar<&FineLocalTime>("trino_fine_local_time"));
  functions.Add(Scalar<&FineToText>("trino_fine_to_varchar"));
  functions.Add(Scalar<&ZonedToText>("trino_zoned_to_varchar"));
  functions.Add(Scalar<&FineTimeToText>("trino_fine_time_to_varchar"));
  functions.Add(Scalar<&ZonedTimeToText>("trino_zoned_time_to_varchar"));
}

}  // namespace planaria::kernel
