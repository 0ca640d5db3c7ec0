// `information_schema` of a catalog: what its connector tells about schemas, tables and columns, as tables.
#pragma once

#include <memory>
#include <string>

#include "connector/connector.h"

namespace planaria::connector {

/// `connector` with a schema `information_schema` beside its own: tables, columns, schemata and views, and
/// the tables of roles and privileges, which are empty. They are CoordinatorOnly and read metadata afresh on
/// every scan.
std::shared_ptr<const Connector> WithInformationSchema(const std::string& catalog,
                                                       std::shared_ptr<const Connector> connector);

}  // namespace planaria::connector
