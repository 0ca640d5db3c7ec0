// What the spooling protocol keeps of results: segments, each until its client has read it or its time is up.
//
// A segment's id is all that is known of it, sealed under the protocol's secret: whoever was not given it
// cannot make it, and every coordinator with the same secret finds the segment.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/units.h"
#include "coordinator/client_query.h"
#include "storage/object_store.h"

namespace planaria::coordinator {

struct SegmentStoreOptions {
  std::shared_ptr<storage::ObjectStore> store;
  /// 32 bytes; behind ids and, where `encryption`, behind what is stored.
  Secret key;
  bool encryption = true;
  Duration ttl = std::chrono::hours(12);
};

/// Thread-safe. Every function waits for the store and throws what it throws.
class SegmentStore {
 public:
  explicit SegmentStore(SegmentStoreOptions options) : options_(std::move(options)) {}

  struct Stored {
    /// Fit for a URI's path.
    std::string id;
    WallTime expires;
  };
  Stored Put(std::string_view bytes, WallTime now) const;
  /// Nothing for ids that are none, and for segments that are gone.
  std::optional<std::string> Get(std::string_view id, WallTime now) const;
  /// The client has read it: it goes. False for ids that are none.
  bool Acknowledge(std::string_view id) const;
  /// Deletes those whose time is up, whichever coordinator wrote them; how many there were.
  size_t Prune(WallTime now) const;

 private:
  struct Place {
    std::string key;
    size_t size = 0;
  };
  std::optional<Place> Find(std::string_view id) const;

  const SegmentStoreOptions options_;
};

}  // namespace planaria::coordinator
