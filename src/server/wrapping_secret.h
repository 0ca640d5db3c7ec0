// The secret under which a coordinator wraps the keys of spooled data.
#pragma once

#include <string>

#include "base/secret.h"
#include "config/server_config.h"

namespace planaria::server {

/// `internal-communication.shared-secret`; without one the content of `<node.data-dir>/spool-secret`, which
/// the first start makes and only its user may read. Throws TrinoException(CONFIGURATION_INVALID) when it
/// cannot be made or read.
Secret WrappingSecret(const ServerConfig& server, const std::string& data_dir);

}  // namespace planaria::server
