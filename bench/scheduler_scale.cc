// How the scheduler grows: tasks on 10,000 workers of which some are always leaving, joining, failing and
// slow. No task runs anything; time is simulated. Prints, by number of tasks, how many task transitions
// (starts and ends of attempts) a second it decides, and the memory of a task.
//
//   scheduler_scale [tasks...]     default: 10000 100000 1000000
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "scheduler/scheduler.h"

namespace planaria::scheduler {
namespace {

constexpr uint32_t kWorkers = 10'000;
constexpr uint32_t kSlots = 4;
constexpr uint32_t kQueries = 4;
/// One event in so many is a worker that dies (and comes back), or a task that fails.
constexpr uint32_t kChurn = 2'000;
constexpr uint32_t kFailures = 500;

using WallClock = std::chrono::steady_clock;

size_t HeapBytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

class World {
 public:
  explicit World(uint32_t tasks) : tasks_(tasks) {}

  void Run() {
    for (uint32_t worker = 0; worker < kWorkers; ++worker) Join(worker);
    const size_t before = HeapBytes();
    for (uint32_t query = 0; query < kQueries; ++query) Submit(query);
    size_t largest = 0;
    while (ended_ < kQueries && !due_.empty()) {
      Step();
      // Reading the heap's size costs more than a step.
      if (++steps_ % (tasks_ / 20 + 1) == 0) largest = std::max(largest, HeapBytes() - before);
    }
    const double seconds = std::chrono::duration<double>(inside_).count();
    const size_t own = due_.size() * sizeof(Due);
    std::printf("%10u %12llu %10.2f %14.0f %10zu %8u %8u\n", tasks_,
                static_cast<unsigned long long>(transitions_), seconds,
                static_cast<double>(transitions_) / seconds, (largest - std::min(largest, own)) / tasks_,
                lost_workers_, failed_tasks_);
    if (ended_ < kQueries || failed_queries_ > 0) {
      std::printf("%u of %u queries finished\n", ended_ - failed_queries_, kQueries);
      std::exit(1);
    }
  }

 private:
  struct Due {
    TimePoint at;
    TaskId task;
    bool operator<(const Due& other) const { return at > other.at; }
  };

  uint32_t Number(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  void Join(uint32_t worker) {
    Tell(NodeJoined{{"worker-" + std::to_string(worker)}, std::to_string(++instances_), kSlots, 0, false});
  }

  /// Half of the tasks scan; the other half scan too, with a small table sent to all of them; one reads both.
  void Submit(uint32_t number) {
    const QueryId id{"20261122_000000_" + std::to_string(number) + "_scale"};
    QueryPlan plan;
    plan.fragments = {
        {{0}, Distribution::kSingle, {{{1}, InputMode::kGather}, {{2}, InputMode::kGather}}, {}, 1, 0},
        {{1}, Distribution::kSource, {{{3}, InputMode::kReplicated}}, {1}, 8, 0},
        {{2}, Distribution::kSource, {}, {1}, 8, 0},
        {{3}, Distribution::kSource, {}, {1}, 1, 0}};
    plan.limits.max_task_split_count = 1;
    Tell(SubmitQuery{id, plan});
    for (const uint32_t fragment : {1u, 2u, 3u}) {
      const uint32_t splits = fragment == 3 ? 1 : tasks_ / kQueries / 2;
      for (uint32_t first = 0; first < splits; first += 1000) {
        SplitsAdded event{id, {fragment}, 1, {}, first + 1000 >= splits};
        for (uint32_t i = first; i < std::min(splits, first + 1000); ++i)
          event.splits.push_back({i, 64 << 20});
        Tell(event);
      }
    }
  }

  void Step() {
    const Due due = due_.top();
    due_.pop();
    now_ = std::max(now_, due.at);
    if (Number(kFailures) == 0) {
      ++failed_tasks_;
      Tell(TaskFailed{due.task, Error{errors::REMOTE_HOST_GONE, "simulated", {}, {}}});
    } else {
      TaskFinished finished{due.task, {}};
      finished.output.partitions.assign(8, {1000, 10});
      if (due.task.fragment.value == 3 || due.task.fragment.value == 0) finished.output.partitions.resize(1);
      finished.output.peak_memory_bytes = (100 + Number(50)) << 20;
      Tell(finished);
    }
    if (Number(kChurn) == 0) {
      ++lost_workers_;
      const uint32_t worker = Number(kWorkers);
      Tell(NodeLost{{"worker-" + std::to_string(worker)},
                    Error{errors::REMOTE_HOST_GONE, "simulated", {}, {}}});
      Join(worker);
    }
    const auto wakeup = scheduler_.NextWakeup();
    if (wakeup && *wakeup <= now_) Tell(Tick{});
  }

  void Tell(const Event& event) {
    const auto start = WallClock::now();
    const std::vector<Command> commands = scheduler_.Handle(event, now_);
    inside_ += WallClock::now() - start;
    transitions_ += std::holds_alternative<TaskFinished>(event) || std::holds_alternative<TaskFailed>(event);
    for (const Command& command : commands) {
      if (const auto* task = std::get_if<StartTask>(&command)) {
        ++transitions_;
        // One in a hundred is slow.
        const uint32_t millis = 1000 + Number(1000) + (Number(100) == 0 ? 20'000 : 0);
        due_.push({now_ + std::chrono::milliseconds(millis), task->task});
      } else if (std::holds_alternative<CancelTask>(command)) {
        ++transitions_;
      } else if (std::holds_alternative<QueryFinished>(command)) {
        ++ended_;
      } else if (std::holds_alternative<QueryFailed>(command)) {
        ++ended_;
        ++failed_queries_;
      }
    }
  }

  const uint32_t tasks_;
  std::mt19937 random_{1};
  Scheduler scheduler_;
  TimePoint now_{};
  std::priority_queue<Due> due_;
  WallClock::duration inside_{};
  uint64_t transitions_ = 0;
  uint64_t steps_ = 0;
  uint32_t instances_ = 0;
  uint32_t ended_ = 0;
  uint32_t failed_queries_ = 0;
  uint32_t lost_workers_ = 0;
  uint32_t failed_tasks_ = 0;
};

}  // namespace
}  // namespace planaria::scheduler

int main(int argc, char** argv) {
  std::vector<uint32_t> sizes{10'000, 100'000, 1'000'000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i) sizes.push_back(static_cast<uint32_t>(std::strtoul(argv[i], nullptr, 10)));
  std::printf("%10s %12s %10s %14s %10s %8s %8s\n", "tasks", "transitions", "seconds", "transitions/s",
              "bytes/task", "lost", "failed");
  for (const uint32_t size : sizes) planaria::scheduler::World(size).Run();
  return 0;
}
