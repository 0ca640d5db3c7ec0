// The queue in front of queries: Trino's resource group `global`, which is there without any configuration.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "base/ids.h"

namespace planaria::coordinator {

/// So many queries run at once, and others wait for them in the order of their coming. Thread-safe.
class QueryQueue {
 public:
  QueryQueue(size_t most_running, size_t most_waiting);

  /// Calls `start` once, when the query may run: in this call or in another query's Leave. Throws
  /// QUERY_QUEUE_FULL where it may neither run nor wait.
  void Enter(const QueryId& query, std::function<void()> start);
  /// The query runs already, whatever the limits are.
  void Runs(const QueryId& query);
  /// The query has ended, after it ran or while it waited; of others it has no effect.
  void Leave(const QueryId& query);
  /// From now on nothing is started.
  void Close();

 private:
  const size_t most_running_;
  const size_t most_waiting_;
  std::mutex mutex_;
  bool closed_ = false;
  std::set<QueryId> running_;
  std::deque<std::pair<QueryId, std::function<void()>>> waiting_;
};

}  // namespace planaria::coordinator
