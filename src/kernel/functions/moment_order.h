// Values of kernel/moment.h are compared, grouped, joined and ordered by the instant alone.
#pragma once

#include "duckdb.hpp"

namespace planaria::kernel {

/// Has the kernel's binder put trino_moment_key around such a value wherever one is compared. Call once per
/// database, after the functions are registered.
void RegisterMomentOrder(duckdb::DatabaseInstance& database);

}  // namespace planaria::kernel
