#include "coordinator/lease_keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace planaria::coordinator {

namespace {
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
constexpr Duration kPauseWhileStopping = std::chrono::milliseconds(10);
}  // namespace

LeaseKeeper::LeaseKeeper(std::unique_ptr<LeaseStore> store, LeaseEntry self, LeaseTiming timing,
                         const Clock& clock, Listener listener)
    : store_(std::move(store)),
      timing_(timing),
      clock_(clock),
      listener_(std::move(listener)),
      lease_(std::move(self), timing),
      held_until_(kNever) {}

void LeaseKeeper::Start() {
  thread_ = std::thread([this] { Run(); });
  watch_ = std::thread([this] { Watch(); });
}

LeaseKeeper::~LeaseKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakeup_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (watch_.joinable()) watch_.join();
}

std::optional<LeaseEntry> LeaseKeeper::Last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void LeaseKeeper::Run() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) lease_.Release();
    }
    held_until_ = lease_.held_until().count();
    const Lease::Step step = lease_.Next(clock_.Now());
    if (lease_.lost()) return Lose();
    if (lease_.over()) return;
    std::visit([this](const auto& what) { Do(what); }, step);
    held_until_ = lease_.held_until().count();
    std::optional<LeaseEntry> former;
    {
      const std::lock_guard lock(mutex_);
      former = std::exchange(last_, lease_.last());
    }
    if (Holds() && !acquired_.exchange(true)) listener_.acquired(former);
  }
}

void LeaseKeeper::Watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    // Not until the lease's end: the condition's clock may stand still when the process does.
    wakeup_.wait_for(lock, timing_.look);
    if (stopping_ || !acquired_ || Holds()) continue;
    lock.unlock();
    return Lose();
  }
}

bool LeaseKeeper::Try(const char* what, const std::function<void()>& action) {
  try {
    action();
    if (failing_ == what) {
      spdlog::info("the lease of the active coordinator is {} again", what);
      failing_.clear();
    }
    return true;
  } catch (const TrinoException& exception) {
    if (failing_.empty()) {
      spdlog::warn("the lease of the active coordinator could not be {}: {}", what, exception.what());
      failing_ = what;
    }
    lease_.Failed(clock_.Now());
    return false;
  }
}

void LeaseKeeper::Do(const Lease::Look&) {
  std::optional<LeaseEntry> last;
  if (Try("read", [&] { last = store_->Last(); })) lease_.Looked(last, clock_.Now());
}

void LeaseKeeper::Do(const Lease::Put& put) {
  bool stored = false;
  if (Try("written", [&] { stored = store_->Put(put.entry); })) lease_.PutAnswered(stored, clock_.Now());
}

void LeaseKeeper::Do(const Lease::Forget& forget) {
  try {
    store_->Forget(forget.through);
  } catch (const TrinoException& exception) {
    spdlog::warn("old entries of the lease could not be deleted: {}", exception.what());
  }
}

void LeaseKeeper::Do(const Lease::Wait& wait) {
  std::unique_lock lock(mutex_);
  const Duration longest = stopping_ ? kPauseWhileStopping : timing_.look;
  const Duration pause = std::min(wait.until - clock_.Now(), longest);
  if (pause > Duration::zero()) wakeup_.wait_for(lock, pause);
}

void LeaseKeeper::Lose() {
  if (acquired_) listener_.lost();
}

}  // namespace planaria::coordinator
