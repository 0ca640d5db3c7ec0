// Blob batches of Azure: many deletions in one request, each with a signature of its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store_request.h"

namespace planaria::storage {

/// Of one batch, as Azure limits it.
inline constexpr size_t kAzureBatch = 256;

/// The body `multipart/mixed; boundary=<boundary>` of signed DELETE requests.
std::string AzureBatchBody(const std::vector<StoreRequest>& deletions, const std::string& boundary);

/// The status of each deletion, in their order; 0 where the answer has none.
std::vector<int> AzureBatchStatuses(std::string_view body, size_t deletions);

}  // namespace planaria::storage
