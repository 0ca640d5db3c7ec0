// What system.runtime.tasks says about a query.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/demo/trino_session.h"

namespace planaria::server {

using WallTime = std::chrono::system_clock::time_point;

struct TaskAttempt {
  int fragment = 0, partition = 0, attempt = 0;
  std::string node;
  /// RUNNING, FINISHED, FAILED or CANCELED.
  std::string state;
  WallTime start;
  std::optional<WallTime> end;

  /// `fragment.partition.attempt`.
  std::string Name() const;
};

/// All attempts so far, by start.
std::vector<TaskAttempt> AttemptsOf(const TrinoSession& session, const std::string& query_id);

struct AttemptCounts {
  size_t tasks = 0;
  /// Tasks that needed more than one attempt.
  size_t retried = 0;
};
AttemptCounts CountTasks(const std::vector<TaskAttempt>& attempts);

/// True when `attempt` failed and a later attempt of the same task finished.
bool WasReplaced(const TaskAttempt& attempt, const std::vector<TaskAttempt>& attempts);

/// `2024-01-02 03:04:05.678901 UTC`, as the protocol writes timestamps with time zone of this zone.
WallTime ParseUtc(const std::string& text);

}  // namespace planaria::server
