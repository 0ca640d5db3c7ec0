// `connector.name=blackhole`: tables that swallow what is written and give as many constant rows as their
// properties say. For trying out writes and loads.
#pragma once

#include "connector/connector.h"

namespace planaria::connector {

/// Has no properties. Table properties: `split_count`, `pages_per_split`, `rows_per_page` (rows that a scan
/// gives; all or none of them), `field_length` (16, characters of texts), `page_processing_delay` (a duration
/// for each page that is read or written). Every value is zero, false, the epoch or stars.
/// Throws CONFIGURATION_INVALID.
std::shared_ptr<const Connector> CreateBlackHoleConnector(
    const std::string& catalog, const std::map<std::string, std::string>& properties);

}  // namespace planaria::connector
