// Who has to end when nodes are out of memory: Trino's rules.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "config/server_config.h"

namespace planaria::coordinator {

struct TaskReservation {
  TaskId task;
  uint64_t bytes = 0;
  /// How long it has run.
  Duration run{0};
  /// A copy of a task that runs as well: its end loses nothing.
  bool speculative = false;
};

/// One node.
struct NodeMemory {
  /// Something waits there for memory.
  bool blocked = false;
  std::vector<TaskReservation> tasks;
};

/// Of each blocked node at most one task, of the queries `retried`, whose tasks run again. A speculative one
/// where there is any; else the largest, or with least-waste the largest for the time that it has run, of
/// which 30s count at least.
std::set<TaskId> ChooseTasks(TaskKillerPolicy policy, const std::vector<NodeMemory>& nodes,
                             const std::set<QueryId>& retried);

/// The query that holds most, on all nodes or on the blocked ones; never one of `retried`. Nothing where no
/// node is blocked.
std::optional<QueryId> ChooseQuery(QueryKillerPolicy policy, const std::vector<NodeMemory>& nodes,
                                   const std::set<QueryId>& retried);

}  // namespace planaria::coordinator
