#include "coordinator/scheduler_thread.h"

#include <chrono>
#include <utility>

namespace planaria::coordinator {

SchedulerThread::SchedulerThread(scheduler::SchedulerOptions options,
                                 std::function<void(scheduler::Command)> on_command)
    : on_command_(std::move(on_command)), scheduler_(options), thread_([this] { Run(); }) {}

SchedulerThread::~SchedulerThread() { Stop(); }

void SchedulerThread::Stop() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wakeup_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SchedulerThread::Post(scheduler::Event event) {
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back(std::move(event));
  }
  wakeup_.notify_one();
}

void SchedulerThread::Run() {
  using Clock = std::chrono::steady_clock;
  std::deque<scheduler::Event> events;
  while (true) {
    std::optional<Clock::time_point> due;
    {
      const std::lock_guard lock(scheduler_mutex_);
      due = scheduler_.NextWakeup();
    }
    {
      std::unique_lock lock(queue_mutex_);
      const auto ready = [&] { return stopping_ || !queue_.empty(); };
      if (due) {
        wakeup_.wait_until(lock, *due, ready);
      } else {
        wakeup_.wait(lock, ready);
      }
      if (stopping_) return;
      events.swap(queue_);
    }
    if (events.empty()) events.emplace_back(scheduler::Tick{});
    for (; !events.empty(); events.pop_front()) {
      std::vector<scheduler::Command> commands;
      {
        const std::lock_guard lock(scheduler_mutex_);
        commands = scheduler_.Handle(events.front(), Clock::now());
      }
      for (auto& command : commands) on_command_(std::move(command));
    }
  }
}

std::vector<scheduler::StageStatus> SchedulerThread::Stages(const QueryId& query) const {
  const std::lock_guard lock(scheduler_mutex_);
  return scheduler_.Stages(query);
}

std::vector<scheduler::AttemptStatus> SchedulerThread::Attempts(const QueryId& query) const {
  const std::lock_guard lock(scheduler_mutex_);
  std::vector<scheduler::AttemptStatus> attempts;
  scheduler_.VisitAttempts(query,
                           [&](const scheduler::AttemptStatus& attempt) { attempts.push_back(attempt); });
  return attempts;
}

}  // namespace planaria::coordinator
