// Drives the pure scheduler: one thread, one queue of events, commands handed to a listener.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "scheduler/scheduler.h"

namespace planaria::coordinator {

class SchedulerThread {
 public:
  /// `on_command` runs on this thread, in the commands' order, and must not block.
  SchedulerThread(scheduler::SchedulerOptions options, std::function<void(scheduler::Command)> on_command);
  /// Stops; events that were not handled are dropped.
  ~SchedulerThread();

  /// Any thread, also from within on_command.
  void Post(scheduler::Event event);
  /// Stops and joins; nothing is handled afterwards.
  void Stop();

  /// What can be seen of a query (scheduler/status.h). Any thread.
  std::vector<scheduler::StageStatus> Stages(const QueryId& query) const;
  std::vector<scheduler::AttemptStatus> Attempts(const QueryId& query) const;

 private:
  void Run();

  const std::function<void(scheduler::Command)> on_command_;
  /// Guards the scheduler itself; the queue has a lock of its own so that posting never waits for handling.
  mutable std::mutex scheduler_mutex_;
  scheduler::Scheduler scheduler_;
  std::mutex queue_mutex_;
  std::condition_variable wakeup_;
  std::deque<scheduler::Event> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace planaria::coordinator
