#include "worker/task_pool.h"

#include <spdlog/spdlog.h>

#include <vector>

namespace planaria::worker {

namespace {
/// A doubled request follows its twin closely; this many starts later nobody sends it again.
constexpr uint64_t kRememberedStarts = 10'000;

/// Given up by the node, not failed: it costs the task neither a delay nor an attempt.
protocol::TaskReport HandedBack(const TaskId& task) {
  protocol::TaskReport report;
  report.task = task;
  report.state = protocol::TaskState::kFailed;
  report.error = Error{errors::SERVER_SHUTTING_DOWN, "The node is shutting down", {}, {}};
  return report;
}
}  // namespace

TaskPool::TaskPool(TaskRunner& runner, std::function<void(protocol::TaskReport)> on_report)
    : runner_(runner), on_report_(std::move(on_report)) {}

TaskPool::~TaskPool() {
  std::vector<std::shared_ptr<RunningTask>> running;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, task] : running_) running.push_back(task);
  }
  for (const auto& task : running) task->Cancel();
  running.clear();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return running_.empty(); });
}

void TaskPool::Start(protocol::TaskDescriptor descriptor) {
  const TaskId id = descriptor.task;
  {
    const std::lock_guard lock(mutex_);
    if (seen_.contains(id)) return;
    MarkSeen(id);
    if (!refusing_) {
      // The report of a task that ends at once waits for the lock.
      const auto task = runner_.Start(std::move(descriptor), on_report_,
                                      [this](protocol::TaskReport report) { Ended(std::move(report)); });
      running_[id] = task;
      const auto early = early_inputs_.extract(id);
      if (early.empty()) return;
      for (const auto& message : early.mapped()) task->AddInputs(message);
      return;
    }
  }
  on_report_(HandedBack(id));
}

void TaskPool::MarkSeen(const TaskId& task) {
  seen_.emplace(task, started_);
  if (++started_ % kRememberedStarts > 0) return;
  std::erase_if(seen_, [&](const auto& entry) { return entry.second + kRememberedStarts < started_; });
  // By now their tasks will not come any more.
  early_inputs_.clear();
}

void TaskPool::Ended(protocol::TaskReport report) {
  {
    const std::lock_guard lock(mutex_);
    if (handing_back_ && report.error) report = HandedBack(report.task);
  }
  if (report.error) spdlog::info("task {} failed: {}", report.task.ToString(), report.error->ToString());
  const TaskId id = report.task;
  on_report_(std::move(report));
  // The destructor waits for the last task; nothing of this object is touched after the lock is released.
  const std::lock_guard lock(mutex_);
  running_.erase(id);
  if (!running_.empty()) return;
  const auto when_idle = std::exchange(when_idle_, {});
  for (const auto& fn : when_idle) fn();
  idle_.notify_all();
}

void TaskPool::Cancel(const TaskId& task) {
  std::shared_ptr<RunningTask> running;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(task);
    if (found == running_.end()) {
      // A cancel may overtake the start.
      MarkSeen(task);
      early_inputs_.erase(task);
      return;
    }
    running = found->second;
  }
  running->Cancel();
}

void TaskPool::AddInputs(protocol::AddInputsMessage message) {
  std::shared_ptr<RunningTask> running;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(message.task);
    if (found == running_.end()) {
      if (!seen_.contains(message.task)) early_inputs_[message.task].push_back(std::move(message));
      return;
    }
    running = found->second;
  }
  running->AddInputs(message);
}

void TaskPool::RefuseNew() {
  const std::lock_guard lock(mutex_);
  refusing_ = true;
}

void TaskPool::HandBack() {
  std::vector<std::shared_ptr<RunningTask>> running;
  {
    const std::lock_guard lock(mutex_);
    handing_back_ = true;
    for (const auto& [id, task] : running_) running.push_back(task);
  }
  for (const auto& task : running) task->Cancel();
}

void TaskPool::WhenIdle(std::function<void()> fn) {
  {
    const std::lock_guard lock(mutex_);
    if (!running_.empty()) {
      when_idle_.push_back(std::move(fn));
      return;
    }
  }
  fn();
}

std::vector<TaskId> TaskPool::RunningTasks() const {
  const std::lock_guard lock(mutex_);
  std::vector<TaskId> tasks;
  for (const auto& [id, task] : running_) tasks.push_back(id);
  return tasks;
}

protocol::NodeUsage TaskPool::Usage() const {
  std::vector<std::pair<TaskId, std::shared_ptr<RunningTask>>> running;
  {
    const std::lock_guard lock(mutex_);
    running.assign(running_.begin(), running_.end());
  }
  protocol::NodeUsage usage;
  usage.waiting_for_memory = runner_.WaitingForMemory();
  for (const auto& [id, task] : running) {
    usage.tasks.push_back(task->Usage());
    usage.tasks.back().task = id;
  }
  return usage;
}

size_t TaskPool::running() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

}  // namespace planaria::worker
