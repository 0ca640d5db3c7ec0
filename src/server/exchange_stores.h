// The exchange's base directories as etc/exchange-manager.properties describes them.
#pragma once

#include <memory>

#include "config/exchange_config.h"
#include "storage/store_set.h"

namespace planaria::server {

/// Throws TrinoException(CONFIGURATION_INVALID) as storage::OpenBaseDirectories.
std::shared_ptr<storage::StoreSet> OpenExchange(const ExchangeManagerConfig& config);

}  // namespace planaria::server
