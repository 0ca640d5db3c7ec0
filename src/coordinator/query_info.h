// What tools and people read about queries: JSON for /v1/query, a plain page for `infoUri`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/client_query.h"

namespace planaria::coordinator {

/// `2024-01-02T03:04:05.678Z`.
std::string InstantText(WallTime time);

/// One row of the query list.
std::string BasicQueryInfoJson(const ClientQuery& query, const QuerySnapshot& snapshot,
                               const std::string& base_uri);
/// The same with failure and stages.
std::string QueryInfoJson(const ClientQuery& query, const QuerySnapshot& snapshot,
                          const std::string& base_uri);

std::string QueryListHtml(const std::vector<std::pair<std::shared_ptr<ClientQuery>, QuerySnapshot>>& queries);
std::string QueryHtml(const ClientQuery& query, const QuerySnapshot& snapshot);

}  // namespace planaria::coordinator
