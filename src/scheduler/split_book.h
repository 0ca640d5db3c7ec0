// All splits of a query, kept so that its scans can be cut again for another run.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

class SplitBook {
 public:
  /// A scan of a stage, which is a position in the order of the query's stages.
  using ScanKey = std::pair<uint32_t, uint32_t>;

  void Expect(ScanKey scan) {
    scans_.try_emplace(scan);
    ++open_;
  }
  bool knows(ScanKey scan) const { return scans_.contains(scan); }
  /// True when every scan has had its last split.
  bool complete() const { return open_ == 0; }

  /// Splits after the scan's last one are ignored.
  void Add(ScanKey key, const std::vector<SplitInfo>& splits, bool last) {
    Scan& scan = scans_.at(key);
    if (scan.closed) return;
    scan.splits.insert(scan.splits.end(), splits.begin(), splits.end());
    if (!last) return;
    scan.closed = true;
    --open_;
  }

  /// visit(stage, scan, splits) for every scan.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [key, scan] : scans_) visit(key.first, key.second, scan.splits);
  }

 private:
  struct Scan {
    std::vector<SplitInfo> splits;
    bool closed = false;
  };
  std::map<ScanKey, Scan> scans_;
  size_t open_ = 0;
};

}  // namespace planaria::scheduler
