// The tasks that run on this node.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "protocol/task_messages.h"
#include "worker/task_runner.h"

namespace planaria::worker {

/// Thread-safe.
class TaskPool {
 public:
  /// `on_report` gets what started tasks offer and the final report of each, from whatever thread the runner
  /// reports on.
  TaskPool(TaskRunner& runner, std::function<void(protocol::TaskReport)> on_report);
  /// Cancels what runs and waits for it.
  ~TaskPool();

  /// Starts a task; the same task id again changes nothing (a request may arrive twice).
  void Start(protocol::TaskDescriptor descriptor);
  /// Cancels a running task: its report then says USER_CANCELED. An unknown task is not started any more: the
  /// two requests may overtake each other.
  void Cancel(const TaskId& task);
  /// More of an input of a running task, or of one whose start is still on its way.
  void AddInputs(protocol::AddInputsMessage message);
  size_t running() const;
  std::vector<TaskId> RunningTasks() const;
  /// What the running tasks use, in the order of their ids, and whether they lack memory.
  protocol::NodeUsage Usage() const;

  /// From now on Start only reports SERVER_SHUTTING_DOWN: the task runs elsewhere.
  void RefuseNew();
  /// Cancels what runs; it reports SERVER_SHUTTING_DOWN.
  void HandBack();
  /// Calls `fn` once, as soon as no task runs and every report is given: in this call or on the thread of the
  /// last task.
  void WhenIdle(std::function<void()> fn);

 private:
  void Ended(protocol::TaskReport report);
  /// Call with the lock held.
  void MarkSeen(const TaskId& task);

  TaskRunner& runner_;
  const std::function<void(protocol::TaskReport)> on_report_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<std::function<void()>> when_idle_;
  bool refusing_ = false;
  bool handing_back_ = false;
  std::map<TaskId, std::shared_ptr<RunningTask>> running_;
  /// Ids seen of late, so that a doubled request does not run a finished task again.
  std::map<TaskId, uint64_t> seen_;
  uint64_t started_ = 0;
  /// What came before the start of its task.
  std::map<TaskId, std::vector<protocol::AddInputsMessage>> early_inputs_;
};

}  // namespace planaria::worker
