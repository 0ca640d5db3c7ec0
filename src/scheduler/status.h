// What can be seen of queries: Trino's stage states and task counts, and every attempt with its times.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

/// Trino's names for the same things.
enum class StageState : uint8_t {
  /// Waits for its producers.
  kPlanned,
  /// Its tasks are still being cut.
  kScheduling,
  kRunning,
  /// Has tasks to run, but none runs: no free slot, or a delay after a failure.
  kPending,
  kFinished,
  /// The query ended before this stage, or a join runs by another plan.
  kAborted,
  /// A task of this stage ended the query.
  kFailed,
};
std::string_view StageStateName(StageState state);

enum class AttemptState : uint8_t {
  kRunning,
  /// Finished first: what readers use.
  kCommitted,
  kFailed,
  /// Its node was lost. Should it finish all the same, its output is as good as any.
  kLost,
  kCanceled,
  /// Was committed, but its output could not be read, died with its node or belongs to a streaming run that
  /// failed.
  kInvalidated,
};
std::string_view AttemptStateName(AttemptState state);

struct StageStatus {
  FragmentId fragment;
  StageState state = StageState::kPlanned;
  uint32_t total_tasks = 0;
  uint32_t queued_tasks = 0;
  uint32_t running_tasks = 0;
  uint32_t completed_tasks = 0;
  uint32_t failed_attempts = 0;
  /// Of the tasks' first committed outputs.
  uint64_t output_bytes = 0;
  uint64_t output_rows = 0;
};

struct AttemptStatus {
  TaskId task;
  NodeId node;
  AttemptState state = AttemptState::kRunning;
  TimePoint started;
  /// Set once the attempt no longer runs.
  std::optional<TimePoint> ended;
};

}  // namespace planaria::scheduler
