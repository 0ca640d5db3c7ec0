// Packs the splits of a fragment into tasks. Splits in, tasks out; knows no nodes and no time.
//
// While the total is unknown, splits are held back until every node of the cluster could get a full task of
// Trino's first target size. From then on tasks are cut as splits come, with Trino's growing target, so that
// a huge table does not become a million tasks. When the last split comes first, the total is known and is
// spread evenly over the nodes: a small table still uses the whole cluster, a tiny one is a single task.
// A node and not a slot is what gets a task, because a task works with all threads of its node: two tasks of
// one fragment on a node would build the same hash tables twice and tell their readers the same groups twice.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scheduler/commands.h"
#include "scheduler/events.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

/// The splits of one task: every scan of the fragment, in the order of the plan.
using TaskSplits = std::vector<ScanSplits>;

class SplitAssigner {
 public:
  enum class Mode : uint8_t {
    kBySize,
    /// A few rows may be enough (FragmentPlan::row_limit): tasks of one split at first, which can start at
    /// once, then twice as many with every few tasks.
    kStartSmall,
    /// Never cut (SINGLE and COORDINATOR fragments).
    kOneTask,
  };
  SplitAssigner(std::vector<uint32_t> scans, const QueryLimits& limits, Mode mode);

  bool knows(uint32_t scan) const { return positions_.contains(scan); }
  /// True when every scan has had its last split: no task will follow.
  bool done() const { return open_scans_.empty(); }

  /// The splits are in a task already (cut before a restart); Add ignores them.
  void SkipCut(const TaskSplits& task);

  /// Takes splits of a known scan and returns the tasks that are complete now. Splits after the scan's last
  /// one are ignored. `nodes` are those of the cluster, at least 1. The call that makes done() true returns
  /// the rest, and at least one task over the whole life.
  std::vector<TaskSplits> Add(uint32_t scan, const std::vector<SplitInfo>& splits, bool last, uint32_t nodes);

 private:
  struct Held {
    uint32_t scan;
    uint32_t index;
    uint64_t bytes;
  };

  TaskSplits Take(size_t count);
  /// The number of held splits that fill a task of the current target; 0 when they do not.
  size_t FullTask() const;
  /// Splits of the next task when tasks start small.
  size_t SmallTask() const;
  void Grow();
  void CutEvenly(uint32_t nodes, std::vector<TaskSplits>* tasks);

  const std::vector<uint32_t> scans_;
  const QueryLimits limits_;
  const Mode mode_;
  std::map<uint32_t, size_t> positions_;
  std::set<uint32_t> open_scans_;
  /// Scan and split of those cut before a restart.
  std::set<std::pair<uint32_t, uint32_t>> skipped_;
  std::deque<Held> held_;
  uint64_t held_bytes_ = 0;
  /// Grows unrounded, as Trino's does; tasks are cut at it rounded down to a multiple of the minimum.
  double target_bytes_;
  uint32_t cut_tasks_ = 0;
};

}  // namespace planaria::scheduler
