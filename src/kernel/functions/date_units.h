// The units of date_trunc, date_add and date_diff, and what they do to microseconds since 1970.
#pragma once

#include <cstdint>
#include <string_view>

namespace planaria::kernel {

/// Ordered by length.
enum class Unit { kMillisecond, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

/// Of the types that have them; throw Trino's INVALID_FUNCTION_ARGUMENT `'x' is not a valid DATE field`.
Unit DateUnit(std::string_view name);
Unit TimeUnit(std::string_view name);
Unit TimestampUnit(std::string_view name);

/// Microseconds of the units up to a week, months of those beyond.
int64_t MicrosOf(Unit unit);
int64_t MonthsOf(Unit unit);

/// Throws INVALID_FUNCTION_ARGUMENT for what is no timestamp.
int64_t Checked(__int128 micros);

int64_t TruncateDays(Unit unit, int64_t days);
int64_t TruncateMicros(Unit unit, int64_t micros);
int64_t AddMicros(Unit unit, int64_t count, int64_t micros);
/// Whole units from one to the other.
int64_t DiffMicros(Unit unit, int64_t from, int64_t to);

}  // namespace planaria::kernel
