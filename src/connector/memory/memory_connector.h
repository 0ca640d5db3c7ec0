// `connector.name=memory`: tables whose rows live in the coordinator's memory until it stops.
//
// Workers make compressed pages of what they write; the pages travel to the coordinator as commit fragments
// and from there, inside splits, to whoever scans. So a lost worker loses nothing, and a query reads the
// table as it was when it was planned. docs/decisions/2026-11-22-memory-tables.md says why.
#pragma once

#include "connector/connector.h"

namespace planaria::connector {

/// Properties: `memory.max-data-per-node` (128MB), compressed bytes of all tables; `memory.splits-per-node`
/// is read and has no effect, every page is a split. Throws CONFIGURATION_INVALID.
std::shared_ptr<const Connector> CreateMemoryConnector(const std::string& catalog,
                                                       const std::map<std::string, std::string>& properties);

}  // namespace planaria::connector
