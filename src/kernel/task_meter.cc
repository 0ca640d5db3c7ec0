#include "kernel/task_meter.h"

#include <ctime>

namespace planaria::kernel {

namespace {

thread_local TaskMeter* of_thread = nullptr;

Duration Read(clockid_t clock) {
  timespec time{};
  // Only clocks of threads that are inside a call of ours are read: they exist.
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

TaskMeter* TaskMeter::OfThread() { return of_thread; }

void TaskMeter::Enter() {
  const pthread_t self = pthread_self();
  const Duration now = Read(CLOCK_THREAD_CPUTIME_ID);
  const std::lock_guard lock(mutex_);
  const auto [worker, first] = workers_.try_emplace(self, Worker{CLOCK_THREAD_CPUTIME_ID, now, 0, of_thread});
  // Its number for other threads.
  if (first) pthread_getcpuclockid(self, &worker->second.clock);
  ++worker->second.depth;
  of_thread = this;
}

void TaskMeter::Leave() {
  const Duration now = Read(CLOCK_THREAD_CPUTIME_ID);
  const std::lock_guard lock(mutex_);
  const auto worker = workers_.find(pthread_self());
  if (worker == workers_.end() || --worker->second.depth > 0) return;
  done_ += now - worker->second.entered;
  of_thread = worker->second.before;
  workers_.erase(worker);
}

Duration TaskMeter::cpu() const {
  const std::lock_guard lock(mutex_);
  Duration sum = done_;
  for (const auto& [thread, worker] : workers_) sum += Read(worker.clock) - worker.entered;
  return sum;
}

}  // namespace planaria::kernel
