// How a task gets from its descriptor to its report: on a thread here, on simulated time in sim/.
#pragma once

#include <functional>
#include <memory>

#include "protocol/node_usage.h"
#include "protocol/task_messages.h"

namespace planaria::worker {

/// A task at work. Any thread.
class RunningTask {
 public:
  virtual ~RunningTask() = default;
  /// Its report comes soon, and says USER_CANCELED unless the task ended before.
  virtual void Cancel() = 0;
  /// More of an input that was not complete at the start. What is wrong with the message fails the task.
  virtual void AddInputs(const protocol::AddInputsMessage& message) = 0;
  /// So far; nothing where nobody measures.
  virtual protocol::TaskUsage Usage() const { return {}; }
};

/// Thread-safe; outlives the tasks it runs.
class TaskRunner {
 public:
  using Report = std::function<void(protocol::TaskReport)>;

  virtual ~TaskRunner() = default;
  /// Calls `done` once with the final report, from any thread, never inside this call. The runner holds
  /// nothing of the task any more by then. Before, `offer` may get one that says that the output is being
  /// stored.
  virtual std::shared_ptr<RunningTask> Start(protocol::TaskDescriptor descriptor, Report offer,
                                             Report done) = 0;
  /// Threads of its tasks that wait for memory now.
  virtual uint32_t WaitingForMemory() const { return 0; }
};

}  // namespace planaria::worker
