#include "kernel/session_zone.h"

#include "kernel/duckdb_errors.h"
#include "kernel/time_zones.h"

namespace planaria::kernel {

void SetTimeZone(duckdb::Connection& connection, const std::string& time_zone) {
  const ZoneKey zone = RequireZone(time_zone);
  const std::string name = duckdb::Value(ZoneName(zone)).ToSQLString();
  std::string set = std::string("SET ") + kTimeZoneOption + " = " + name + ";";
  // The kernel's own functions of time know no offsets.
  if (zone == kUtc || !FixedOffset(zone)) set += "SET TimeZone = " + name;
  const auto done = connection.Query(set);
  if (done->HasError()) throw TrinoException(TranslateError(done->GetErrorObject()));
}

}  // namespace planaria::kernel
