// The server's side of the spooling protocol: rows leave as segments, small ones in the answer itself, large
// ones through a store from which clients fetch them when they come to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/spooling_config.h"
#include "coordinator/segment_store.h"
#include "coordinator/spooled_rows.h"
#include "env/executor.h"
#include "env/http_routes.h"
#include "env/work_queue.h"

namespace planaria::coordinator {

struct ResultSpoolerParts {
  SpoolingProtocolConfig protocol;
  SpoolingManagerConfig manager;
  std::shared_ptr<storage::ObjectStore> store;
  /// 32 bytes.
  Secret key;
  /// Waits for the store, and compresses.
  std::shared_ptr<WorkQueue> pool;
};

/// Thread-safe.
class ResultSpooler : public std::enable_shared_from_this<ResultSpooler> {
 public:
  explicit ResultSpooler(ResultSpoolerParts parts);

  /// GET /v1/spooled/download/{id} and /v1/spooled/ack/{id}: 404 for ids that are none, 410 for segments that
  /// are gone. Before the server starts.
  void AddRoutes(HttpRoutes& server);
  /// Deletes segments whose time is up, now and then from here on. The executor outlives the server's loop.
  void PruneNowAndThen(Executor& executor);

  /// The first that is enabled; nothing when none is.
  std::optional<RowEncoding> Choose(const std::vector<std::string>& encodings) const;
  /// Of rows as JSON, for the segment after `segments` others.
  size_t SegmentBytes(uint64_t segments) const;

  using Spooled = std::variant<Segment, Error>;
  /// Calls `done` once, from the pool.
  void Spool(ResultPage page, uint64_t row_offset, RowEncoding encoding, std::function<void(Spooled)> done);

 private:
  Segment Make(const ResultPage& page, uint64_t row_offset, RowEncoding encoding) const;

  const ResultSpoolerParts parts_;
  const SegmentStore segments_;
};

}  // namespace planaria::coordinator
