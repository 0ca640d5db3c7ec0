// How the kernel stores what it has no type for: times and timestamps finer than a microsecond, and those
// with a time zone. All are UHUGEINT: the instant in the bits that count most, the zone in those that count
// least, so that the order of the numbers is the order of the instants
// (docs/decisions/2026-11-26-zoned-timestamps.md).
//
//   timestamp(7..12)               microseconds of the local time since 1970, picoseconds of the last, no
//   zone timestamp(p) with time zone    microseconds of UTC since 1970, picoseconds, the zone's key
//   (time_zones.h) time(7..12)                    microseconds since midnight, picoseconds of the last, no
//   zone time(p) with time zone         microseconds since midnight of UTC, picoseconds, the offset's key
#pragma once

#include <cstdint>

#include "duckdb/common/types/uhugeint.hpp"

namespace planaria::kernel {

inline constexpr int64_t kPicosPerMicro = 1000000;

struct Moment {
  int64_t micros = 0;
  /// 0 to 999,999.
  int32_t picos = 0;
  uint16_t zone = 0;

  bool operator==(const Moment&) const = default;
};

namespace moment_detail {
inline constexpr uint64_t kSign = uint64_t{1} << 63;
inline constexpr uint64_t kZoneBits = 16;
inline constexpr uint64_t kZoneMask = (uint64_t{1} << kZoneBits) - 1;
}  // namespace moment_detail

inline duckdb::uhugeint_t Pack(const Moment& moment) {
  duckdb::uhugeint_t packed;
  packed.upper = static_cast<uint64_t>(moment.micros) ^ moment_detail::kSign;
  packed.lower = static_cast<uint64_t>(moment.picos) << moment_detail::kZoneBits | moment.zone;
  return packed;
}

inline Moment Unpack(const duckdb::uhugeint_t& packed) {
  return {static_cast<int64_t>(packed.upper ^ moment_detail::kSign),
          static_cast<int32_t>(packed.lower >> moment_detail::kZoneBits),
          static_cast<uint16_t>(packed.lower & moment_detail::kZoneMask)};
}

/// What values are compared by: all but the zone.
inline duckdb::uhugeint_t WithoutZone(duckdb::uhugeint_t packed) {
  packed.lower &= ~moment_detail::kZoneMask;
  return packed;
}

}  // namespace planaria::kernel
