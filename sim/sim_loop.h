// Simulated time: events in order of time, then of their making, on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "env/clock.h"
#include "env/executor.h"
#include "env/random.h"
#include "env/work_queue.h"

namespace planaria::sim {

/// What becomes of the write that a process was about to make when it died.
enum class LastWrite : uint8_t { kNone, kTorn, kWhole };

/// One start of a process. Its events are dropped once it is dead and wait while it is frozen.
struct Process {
  /// The machine: 0 is the coordinator's, workers count from 1.
  uint32_t host = 0;
  bool alive = true;
  bool frozen = false;
  LastWrite last_write = LastWrite::kNone;
  /// What came while it was frozen, in order.
  std::vector<std::function<void()>> held;
};

/// The world's clock and queue. Single-threaded; runs the same for the same calls.
class SimLoop final : public Clock {
 public:
  Duration Now() const override { return now_; }
  std::chrono::system_clock::time_point WallTime() const override;

  /// Runs `fn` in `process` at `time` (not before now); null is the world itself.
  void At(Duration time, std::shared_ptr<Process> process, std::function<void()> fn);
  void After(Duration delay, std::shared_ptr<Process> process, std::function<void()> fn) {
    At(now_ + delay, std::move(process), std::move(fn));
  }
  /// Runs the next event; false when there is none.
  bool Step();
  void Thaw(const std::shared_ptr<Process>& process);
  /// Drops the events of a process that is dead, and what they hold of it.
  void Drop(const std::shared_ptr<Process>& process);
  /// Drops all events without running them.
  void Clear();

  /// Adds a fact to the fingerprint of the run.
  void Note(uint64_t fact) {
    fingerprint_ = (fingerprint_ ^ fact) * 0x9E3779B97F4A7C15u + (fingerprint_ >> 29);
  }
  /// Equal for equal runs.
  uint64_t fingerprint() const { return fingerprint_; }
  uint64_t events() const { return sequence_; }

 private:
  struct Event {
    Duration time;
    uint64_t sequence;
    std::shared_ptr<Process> process;
    std::function<void()> fn;
  };
  static bool Later(const Event& left, const Event& right) {
    return left.time != right.time ? left.time > right.time : left.sequence > right.sequence;
  }

  Duration now_ = std::chrono::seconds(1);
  uint64_t sequence_ = 0;
  uint64_t fingerprint_ = 0;
  std::vector<Event> heap_;
};

/// The blocking threads of one process, which are never short of each other.
class SimWorkQueue final : public WorkQueue {
 public:
  SimWorkQueue(SimLoop& loop, std::shared_ptr<Process> process, RandomSource& random)
      : loop_(loop), process_(std::move(process)), random_(random) {}
  void Post(std::function<void()> work) override {
    loop_.After(Duration(random_.Below(2'000'000)), process_, std::move(work));
  }

 private:
  SimLoop& loop_;
  const std::shared_ptr<Process> process_;
  RandomSource& random_;
};

/// The executor of one process.
class SimExecutor final : public Executor {
 public:
  SimExecutor(SimLoop& loop, std::shared_ptr<Process> process) : loop_(loop), process_(std::move(process)) {}
  void Post(std::function<void()> fn) override { loop_.After(Duration::zero(), process_, std::move(fn)); }
  TimerHandle RunAfter(Duration delay, std::function<void()> fn) override;

 private:
  class Timer;
  SimLoop& loop_;
  const std::shared_ptr<Process> process_;
};

/// An executor that is busy for a moment with every function.
class SlowExecutor final : public Executor {
 public:
  SlowExecutor(SimLoop& loop, std::shared_ptr<Process> process, RandomSource& random)
      : loop_(loop), process_(std::move(process)), random_(random) {}
  void Post(std::function<void()> fn) override;
  TimerHandle RunAfter(Duration delay, std::function<void()> fn) override;
  /// Runs what was posted last, unless it has run.
  void RunLast();

 private:
  SimLoop& loop_;
  const std::shared_ptr<Process> process_;
  RandomSource& random_;
  std::shared_ptr<std::function<void()>> last_;
};

}  // namespace planaria::sim
