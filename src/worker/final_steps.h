// The final steps of queries that end on this node, the coordinator (kernel/final_step.h).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/ids.h"

namespace planaria::kernel {
class FinalStep;
}

namespace planaria::worker {

/// Thread-safe.
class FinalSteps {
 public:
  using Steps = std::vector<std::shared_ptr<kernel::FinalStep>>;

  void Put(const QueryId& query, Steps steps) {
    const std::lock_guard lock(mutex_);
    steps_[query] = std::move(steps);
  }
  void Drop(const QueryId& query) {
    const std::lock_guard lock(mutex_);
    steps_.erase(query);
  }
  /// Empty for queries without final steps.
  Steps Of(const QueryId& query) const {
    const std::lock_guard lock(mutex_);
    const auto found = steps_.find(query);
    return found == steps_.end() ? Steps{} : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<QueryId, Steps> steps_;
};

}  // namespace planaria::worker
