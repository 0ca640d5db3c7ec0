// The time zone of a connection, as functions of time and the analyser's SQL ask for it.
#pragma once

#include <string>

#include "duckdb.hpp"

namespace planaria::kernel {

/// What the analyser's SQL asks with current_setting.
inline constexpr const char* kTimeZoneOption = "trino_time_zone";

/// Throws Trino's NOT_SUPPORTED `Time zone not supported: x`.
void SetTimeZone(duckdb::Connection& connection, const std::string& time_zone);

}  // namespace planaria::kernel
