// The catalog `system`: what runs in this cluster, as tables (Trino's system.runtime), and
// `system.metadata.functions` behind SHOW FUNCTIONS.
#pragma once

#include "kernel/engine.h"

namespace planaria::coordinator {

class Coordinator;

/// Attaches the catalog; `coordinator` must outlive every query of the database. Statements write
/// `system.runtime.nodes`, and the planner reads planner::kSystemCatalog for `system`, a name that the kernel
/// keeps for itself.
void AttachSystemCatalog(duckdb::DatabaseInstance& database, const Coordinator& coordinator);

}  // namespace planaria::coordinator
