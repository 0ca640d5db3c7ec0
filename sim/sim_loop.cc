#include "sim/sim_loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace planaria::sim {

std::chrono::system_clock::time_point SimLoop::WallTime() const {
  // 2026-01-01, so that the calendar looks like one.
  constexpr auto kStart = std::chrono::seconds(1'767'225'600);
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(kStart + now_));
}

void SimLoop::At(Duration time, std::shared_ptr<Process> process, std::function<void()> fn) {
  if (process && !process->alive) return;
  heap_.push_back({std::max(time, now_), sequence_++, std::move(process), std::move(fn)});
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

bool SimLoop::Step() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  Event event = std::move(heap_.back());
  heap_.pop_back();
  now_ = event.time;
  if (event.process) {
    if (!event.process->alive) return true;
    if (event.process->frozen) {
      event.process->held.push_back(std::move(event.fn));
      return true;
    }
  }
  Note(static_cast<uint64_t>(event.time.count()));
  Note(event.process ? event.process->host : 99);
  event.fn();
  return true;
}

void SimLoop::Thaw(const std::shared_ptr<Process>& process) {
  process->frozen = false;
  for (auto& fn : std::exchange(process->held, {})) After(Duration::zero(), process, std::move(fn));
}

void SimLoop::Drop(const std::shared_ptr<Process>& process) {
  const auto held = std::exchange(process->held, {});
  const auto first = std::partition(heap_.begin(), heap_.end(),
                                    [&](const Event& event) { return event.process != process; });
  const std::vector<Event> dropped(std::make_move_iterator(first), std::make_move_iterator(heap_.end()));
  heap_.erase(first, heap_.end());
  std::make_heap(heap_.begin(), heap_.end(), Later);
}

void SimLoop::Clear() {
  while (!heap_.empty()) {
    // Destroying a function may make new events.
    const auto dropped = std::exchange(heap_, {});
  }
}

class SimExecutor::Timer final : public TimerHandle::Timer {
 public:
  explicit Timer(std::function<void()> fn) : fn_(std::move(fn)) {}
  bool Cancel() override { return std::exchange(fn_, nullptr) != nullptr; }
  void Run() {
    if (const auto fn = std::exchange(fn_, nullptr)) fn();
  }

 private:
  std::function<void()> fn_;
};

TimerHandle SimExecutor::RunAfter(Duration delay, std::function<void()> fn) {
  auto timer = std::make_shared<Timer>(std::move(fn));
  loop_.After(std::max(delay, Duration::zero()), process_, [timer] { timer->Run(); });
  return TimerHandle(timer);
}

void SlowExecutor::Post(std::function<void()> fn) {
  last_ = std::make_shared<std::function<void()>>(std::move(fn));
  loop_.After(Duration(500'000 + random_.Below(8'000'000)), process_, [fn = last_] {
    if (const auto run = std::exchange(*fn, nullptr)) run();
  });
}

TimerHandle SlowExecutor::RunAfter(Duration delay, std::function<void()> fn) {
  loop_.After(delay, process_, std::move(fn));
  return {};
}

void SlowExecutor::RunLast() {
  if (!last_) return;
  if (const auto run = std::exchange(*last_, nullptr)) run();
}

}  // namespace planaria::sim
