// Time zones as Trino knows them: UTC, offsets of whole minutes, and regions with their history.
//
// A zone is a key of 16 bits, the same on every node. What a region's clocks showed is asked of the ICU that
// the kernel carries. All functions may be called from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace planaria::kernel {

using ZoneKey = uint16_t;
inline constexpr ZoneKey kUtc = 0;
inline constexpr int32_t kMaxOffsetMinutes = 14 * 60;

/// `Europe/Berlin` in any case, `+01:00`, `UTC-3`, `Etc/GMT+3`, `Z`; nothing for what Trino does not know.
std::optional<ZoneKey> FindZone(std::string_view name);
/// Throws Trino's NOT_SUPPORTED `Time zone not supported: name`.
ZoneKey RequireZone(std::string_view name);
/// Of minutes east of Greenwich, at most kMaxOffsetMinutes.
ZoneKey ZoneOfOffset(int32_t minutes);

/// `UTC`, `+01:00`, `Europe/Berlin`.
std::string ZoneName(ZoneKey zone);
/// Minutes east of a zone of a fixed offset; nothing for a region.
std::optional<int32_t> FixedOffset(ZoneKey zone);

/// Microseconds east of Greenwich at an instant.
int64_t OffsetAt(ZoneKey zone, int64_t utc_micros);

/// What a local time may mean.
struct LocalTime {
  /// The instant; the earlier one where clocks were set back. In a gap, with the offset that held before it.
  int64_t utc_micros;
  /// Clocks never showed it.
  bool in_gap;
};
LocalTime UtcOf(ZoneKey zone, int64_t local_micros);

}  // namespace planaria::kernel
