// How long queries have had tasks while no node was there to take them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "scheduler/plan.h"

namespace planaria::scheduler {

/// Waits by query; O(log n) per call.
class NodeWait {
 public:
  /// The wait goes on, or starts now.
  void Mark(uint64_t query, TimePoint now) {
    const auto [entry, fresh] = since_.emplace(query, now);
    if (fresh) oldest_.emplace(now, query);
  }
  void Clear(uint64_t query) {
    const auto entry = since_.find(query);
    if (entry == since_.end()) return;
    oldest_.erase({entry->second, query});
    since_.erase(entry);
  }
  void ClearAll() {
    since_.clear();
    oldest_.clear();
  }
  /// Start of the longest wait, and whose it is.
  std::optional<std::pair<TimePoint, uint64_t>> Oldest() const {
    if (oldest_.empty()) return std::nullopt;
    return *oldest_.begin();
  }

 private:
  std::map<uint64_t, TimePoint> since_;
  std::set<std::pair<TimePoint, uint64_t>> oldest_;
};

}  // namespace planaria::scheduler
