#include "worker/task_pool.h"

#include <spdlog/spdlog.h>

#include "worker/task_execution.h"

namespace planaria::worker {

namespace {
/// A doubled request follows its twin closely; this many starts later nobody sends it again.
constexpr uint64_t kRememberedStarts = 10'000;
}  // namespace

TaskPool::TaskPool(TaskEnvironment& environment, std::function<void(protocol::TaskReport)> on_report)
    : environment_(environment), on_report_(std::move(on_report)) {}

TaskPool::~TaskPool() {
  std::unique_lock lock(mutex_);
  for (const auto& [id, execution] : running_) execution->Cancel();
  idle_.wait(lock, [&] { return running_.empty(); });
}

void TaskPool::Start(protocol::TaskDescriptor descriptor) {
  std::shared_ptr<TaskExecution> execution;
  {
    const std::lock_guard lock(mutex_);
    if (!seen_.emplace(descriptor.task, started_).second) return;
    if (++started_ % kRememberedStarts == 0) {
      std::erase_if(seen_, [&](const auto& entry) { return entry.second + kRememberedStarts < started_; });
    }
    const TaskId id = descriptor.task;
    execution = std::make_shared<TaskExecution>(environment_, std::move(descriptor));
    running_[id] = execution;
  }
  std::thread([this, execution] { Run(execution); }).detach();
}

void TaskPool::Run(std::shared_ptr<TaskExecution> execution) {
  protocol::TaskReport report = execution->Run();
  if (report.error) spdlog::info("task {} failed: {}", report.task.ToString(), report.error->ToString());
  const TaskId id = report.task;
  on_report_(std::move(report));
  execution.reset();
  // The destructor waits for the last task; nothing of this object is touched after the lock is released.
  const std::lock_guard lock(mutex_);
  running_.erase(id);
  if (running_.empty()) idle_.notify_all();
}

void TaskPool::Cancel(const TaskId& task) {
  std::shared_ptr<TaskExecution> execution;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(task);
    if (found == running_.end()) return;
    execution = found->second;
  }
  execution->Cancel();
}

size_t TaskPool::running() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

void TaskPool::WaitUntilIdle(Duration limit) {
  std::unique_lock lock(mutex_);
  idle_.wait_for(lock, limit, [&] { return running_.empty(); });
}

}  // namespace planaria::worker
