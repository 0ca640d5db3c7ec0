// Objects on another node's disk: what consumers read where nodes share no storage.
//
// The node that has an object serves ranges of it: `GET <prefix>/<key>?offset=<bytes>&length=<bytes>` answers
// 200 with exactly these bytes, 404 without the object, 416 when it is shorter, 400 for anything else.
#pragma once

#include <memory>
#include <string>

#include "base/units.h"
#include "storage/object_store.h"
#include "storage/store_set.h"

namespace planaria {
class HttpClient;
class HttpRoutes;
}  // namespace planaria

namespace planaria::storage {
class LocalObjectStore;
}

namespace planaria::exchange {

inline constexpr std::string_view kSpoolPath = "/v1/spool";

/// Adds the route that serves `store` under kSpoolPath, before the server starts. Keys are checked: nothing
/// outside the store can be read.
void ServeSpool(HttpRoutes& server, std::shared_ptr<storage::LocalObjectStore> store);

/// Finds `http:` locations on the nodes that serve them, others through `local`. Read-only: everything else
/// that an ObjectStore does is refused with NOT_SUPPORTED for the stores found here.
///
/// Read throws ObjectLost as soon as the object or its node is gone: reading again will not help, running the
/// producer again will. It blocks its thread; never call it on a loop thread.
class RemoteLocator : public storage::ObjectLocator {
 public:
  /// `client` outlives the locator and what it finds. `local` may be nullptr.
  RemoteLocator(HttpClient& client, std::shared_ptr<storage::ObjectLocator> local,
                Duration read_deadline = std::chrono::seconds(30));

  storage::ObjectPlace Find(std::string_view location) override;

 private:
  HttpClient& client_;
  const std::shared_ptr<storage::ObjectLocator> local_;
  const Duration read_deadline_;
};

/// The location under which other nodes read an object of the store that `http://host:port` serves.
std::string RemoteLocation(std::string_view node_url, std::string_view key);

}  // namespace planaria::exchange
