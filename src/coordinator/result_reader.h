// The rows of a finished root fragment, page by page, as JSON text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exchange/manifest.h"
#include "planner/distributed_plan.h"
#include "storage/object_store.h"

namespace planaria::coordinator {

/// Reads block after block in the order of the manifests and of the blocks within them, so that an ordered
/// result stays ordered. Holds one block in memory. Not thread-safe; blocks its thread.
class ResultReader {
 public:
  /// `millisecond_times`: for clients that know no other precision.
  ResultReader(std::shared_ptr<storage::ObjectLocator> locator, std::vector<exchange::Manifest> outputs,
               duckdb::vector<duckdb::LogicalType> types, bool millisecond_times);
  ~ResultReader();

  /// Rows in JSON, `[..],[..]`, about `max_bytes` and at least one row; nothing at the end. Throws
  /// SpooledDataLost when an output cannot be read any more.
  std::optional<std::string> Next(size_t max_bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace planaria::coordinator
