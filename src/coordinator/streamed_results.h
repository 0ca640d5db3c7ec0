// The rows of streaming runs on their way to the client: given out as they come, or held until their run has
// ended because it may be repeated.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "coordinator/held_result.h"
#include "protocol/task_messages.h"

namespace planaria::coordinator {

/// Reads what these tasks, the roots of a run, write for the result. `uri_of` says where a node is reached:
/// empty for this one, and an address where nobody answers for one that is gone already, which takes the run
/// with it.
std::unique_ptr<ResultPages> OpenStreams(const exchange::StreamNetwork& network,
                                         exchange::StreamReaderOptions options,
                                         const std::vector<protocol::StreamSourceMessage>& sources,
                                         const std::function<std::string(const NodeId&)>& uri_of);

/// What they are made from; everything outlives them.
struct StreamedResultsParts {
  /// OpenStreams of these sources.
  std::function<std::unique_ptr<ResultPages>(const std::vector<protocol::StreamSourceMessage>&)> open;
  /// Bytes of a held result that are kept in memory; `exchange.deduplication-buffer-size`.
  uint64_t memory_bytes = 32 << 20;
  /// Where the rest of it goes, by the run's first root.
  std::function<storage::ObjectPlace(const TaskId&)> overflow;
  /// What seals the overflow of a run; unsealed when empty.
  std::function<Secret()> key;
  /// Finds the overflow again.
  std::shared_ptr<storage::ObjectLocator> locator;
  /// Where this node may have kept it; may be null.
  std::shared_ptr<exchange::NearNodes> near = {};
  /// Takes held rows in.
  WorkQueue* pool = nullptr;
  /// The rows of the run with these roots cannot be taken in. Called on the pool.
  std::function<void(std::vector<TaskId> roots, const Error&)> failed;
};

/// Thread-safe.
class StreamedResults {
 public:
  explicit StreamedResults(StreamedResultsParts parts) : parts_(std::move(parts)) {}

  /// A run has begun; what was held of the one before is void. Its rows, or null when they are held.
  std::unique_ptr<ResultPages> Begin(const QueryId& query,
                                     const std::vector<protocol::StreamSourceMessage>& sources, bool hold);
  /// The last run has ended well: the rows that were held of it, or null when they were not.
  std::shared_ptr<HeldResult> Finish(const QueryId& query);
  /// What is held of the query is not wanted any more.
  void Drop(const QueryId& query);

 private:
  const StreamedResultsParts parts_;
  std::mutex mutex_;
  std::map<QueryId, std::shared_ptr<HeldResult>> held_;
};

}  // namespace planaria::coordinator
