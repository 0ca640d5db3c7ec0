// `connector.name=tpcds`: the tables of TPC-DS, generated as they are read.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "connector/connector.h"

namespace planaria::connector {

/// Schemas `tiny`, `sf1`, ... and any other `sf<factor>` up to 777. A table is one split: dsdgen cannot start
/// in the middle. Properties: tpcds.splits-per-node is checked and ignored for that reason,
/// tpcds.with-no-sexism may only be false. Others throw CONFIGURATION_INVALID that names catalog and key.
/// Rows are those of Trino's connector and of TPC's generator, which DuckDB's dsdgen does not make
/// (dsdgen/dsdgen_module.cpp).
std::shared_ptr<const Connector> CreateTpcdsConnector(const std::string& catalog,
                                                      const std::map<std::string, std::string>& properties);

}  // namespace planaria::connector
