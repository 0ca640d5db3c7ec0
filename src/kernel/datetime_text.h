// Dates, times and intervals in the text forms of Trino's clients and casts.
//
// Fractions are given in units of 10^-unit_digits seconds and shown with exactly `digits` digits, rounded
// half up when there are fewer than the value has.
#pragma once

#include <cstdint>
#include <string>

namespace planaria::kernel {

/// Days since 1970-01-01: `2024-01-02`; years beyond 4 digits are signed: `+10000-01-01`, `-0001-12-31`.
void AppendDate(int64_t days, std::string* out);
/// Time since midnight: `01:02:03.456`; rounding up past midnight starts the day again.
void AppendTime(int64_t units, int unit_digits, int digits, std::string* out);
/// Time since 1970: `2024-01-02 03:04:05.123`.
void AppendTimestamp(int64_t units, int unit_digits, int digits, std::string* out);
/// `+01:00`; seconds of the offset are dropped, zones are whole minutes.
void AppendOffset(int32_t seconds, std::string* out);
/// `1-2`, `-1-2`.
void AppendYearToMonth(int64_t months, std::string* out);
/// `3 04:05:06.789`, `-3 04:05:06.789`.
void AppendDayToSecond(int64_t millis, std::string* out);

}  // namespace planaria::kernel
