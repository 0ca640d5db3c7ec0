// Functions over what kernel/moment.h stores: a Moment among the arguments of a row function is UHUGEINT.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/functions/civil_time.h"
#include "kernel/functions/scalar.h"
#include "kernel/moment.h"
#include "kernel/time_zones.h"

namespace planaria::kernel {

namespace scalar_detail {
template <>
struct Traits<Moment> {
  using Stored = duckdb::uhugeint_t;
  static Moment Load(const Stored& stored) { return Unpack(stored); }
  static Stored Store(const Moment& moment) { return Pack(moment); }
};
template <>
inline duckdb::LogicalType TypeOf<Moment>() {
  return duckdb::LogicalType::UHUGEINT;
}
}  // namespace scalar_detail

/// The zone of the row before, which is that of the next one as well as a rule.
class LastZone {
 public:
  /// Throws Trino's INVALID_FUNCTION_ARGUMENT `'x' is not a valid time zone`.
  ZoneKey Of(std::string_view name);

 private:
  std::string name_;
  std::optional<ZoneKey> zone_;
};

/// Half up to `digits` of a second's fraction; a time of day may become midnight of the next day.
Moment Rounded(const Moment& moment, int64_t digits);
Moment RoundedInDay(const Moment& moment, int64_t digits);

/// What the clocks of its zone show, as one of UTC; microseconds of that are rounded down.
Moment LocalOf(const Moment& zoned);
/// The same for a time with time zone.
Moment LocalTimeOf(const Moment& zoned);
/// The instant at which the clocks of `zone` show `local`. A time that they skip is taken with the offset of
/// before, as Java's calendar does.
Moment Zoned(const Moment& local, ZoneKey zone);
/// The time of day with that offset.
Moment ZonedTime(const Moment& local, ZoneKey zone);

/// Appends a local timestamp or a time of day with exactly `digits` digits of its fraction.
void AppendMoment(const Moment& local, int digits, std::string* out);
void AppendTimeOfDay(const Moment& local, int digits, std::string* out);

/// What a text says of a timestamp or time.
struct WrittenMoment {
  Moment local;
  /// Empty for none.
  std::string_view zone;
};
/// `2020-01-02 03:04:05.678 Europe/Berlin`; nothing for what is none.
std::optional<WrittenMoment> ReadMoment(std::string_view text);
/// `03:04:05.678 +01:00`
std::optional<WrittenMoment> ReadTimeOfDay(std::string_view text);

}  // namespace planaria::kernel
