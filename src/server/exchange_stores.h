// The exchange's base directories as etc/exchange-manager.properties describes them.
#pragma once

#include <memory>

#include "config/spooling_config.h"
#include "storage/store_set.h"

namespace planaria::server {

/// Both throw TrinoException(CONFIGURATION_INVALID) as storage::OpenBaseDirectories.
std::shared_ptr<storage::StoreSet> OpenExchange(const ExchangeManagerConfig& config);
/// Where etc/spooling-manager.properties has segments of results.
std::shared_ptr<storage::ObjectStore> OpenSegments(const SpoolingManagerConfig& config);

}  // namespace planaria::server
