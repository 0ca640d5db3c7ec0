// `connector.name=tpch`: the tables of TPC-H, generated as they are read.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "connector/connector.h"

namespace planaria::connector {

/// Schemas `tiny`, `sf1`, ... and any other `sf<factor>`. Properties are those of Trino's connector:
/// tpch.column-naming, tpch.double-type-mapping and tpch.splits-per-node are obeyed (the last as the fewest
/// splits of a table worth splitting), those that only shape Trino's own pages are checked and ignored.
/// Others throw CONFIGURATION_INVALID that names catalog and key. Rows equal those of DuckDB's dbgen.
std::shared_ptr<const Connector> CreateTpchConnector(const std::string& catalog,
                                                     const std::map<std::string, std::string>& properties);

}  // namespace planaria::connector
