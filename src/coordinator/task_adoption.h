// How a coordinator that was started again learns which tasks of its earlier start a node still runs.
#pragma once

#include <functional>

#include "base/ids.h"
#include "env/executor.h"
#include "env/http_client.h"
#include "protocol/task_messages.h"

namespace planaria::coordinator {

/// What becomes of the tasks that a node runs.
struct TaskAdoption {
  /// Calls `action`, on whichever thread, unless nobody listens any more; the others are only called in
  /// there.
  std::function<void(const std::function<void()>& action)> pass;
  /// The query goes on.
  std::function<bool(const QueryId&)> runs;
  /// The query is, or was, one of this coordinator.
  std::function<bool(const QueryId&)> owns;
  std::function<void(const TaskId&)> adopt;
  /// Of a query that did not outlive the restart.
  std::function<void(const TaskId&)> cancel;
};

/// Asks a node that has joined, `GET /v1/task`, again when there is no answer, and once more when no request
/// of the earlier start can be on its way any more: a task that nobody knows may wait for its inputs for
/// ever. `client` and `executor` outlive whoever is passed to.
void AdoptTasks(HttpClient& client, Executor& executor, const protocol::NodeAnnouncement& node,
                TaskAdoption adoption);

}  // namespace planaria::coordinator
