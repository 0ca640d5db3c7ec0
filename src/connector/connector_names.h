// Which connectors there are.
#pragma once

#include <string>
#include <vector>

namespace planaria::connector {

/// The values of connector.name that CreateConnector takes, sorted.
std::vector<std::string> ConnectorNames();

}  // namespace planaria::connector
