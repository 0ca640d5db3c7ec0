// The tasks that run on this node.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "base/ids.h"
#include "base/units.h"
#include "protocol/task_messages.h"

namespace planaria::worker {

class TaskExecution;

/// What a node's tasks share.
class TaskEnvironment;

/// Thread-safe. One thread per running task: the coordinator bounds their number by the slots that the node
/// announced.
class TaskPool {
 public:
  /// `on_report` gets the final report of every started task, from the task's thread.
  TaskPool(TaskEnvironment& environment, std::function<void(protocol::TaskReport)> on_report);
  /// Cancels what runs and waits for it.
  ~TaskPool();

  /// Starts a task; the same task id again changes nothing (a request may arrive twice).
  void Start(protocol::TaskDescriptor descriptor);
  /// Cancels a running task: its report then says USER_CANCELED. Unknown ids change nothing.
  void Cancel(const TaskId& task);
  size_t running() const;
  /// Waits until no task runs, at most `limit`. Starting is still possible.
  void WaitUntilIdle(Duration limit);

 private:
  void Run(std::shared_ptr<TaskExecution> execution);

  TaskEnvironment& environment_;
  const std::function<void(protocol::TaskReport)> on_report_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::map<TaskId, std::shared_ptr<TaskExecution>> running_;
  /// Ids seen of late, so that a doubled request does not run a finished task again.
  std::map<TaskId, uint64_t> seen_;
  uint64_t started_ = 0;
};

}  // namespace planaria::worker
