// Holds a lease, or waits for it, in threads of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "coordinator/lease.h"
#include "coordinator/lease_store.h"
#include "env/clock.h"

namespace planaria::coordinator {

/// Thread-safe.
class LeaseKeeper {
 public:
  struct Listener {
    /// This one acts from now on, after `former` if anybody did. Once, from a thread of the keeper: must not
    /// take long.
    std::function<void(const std::optional<LeaseEntry>& former)> acquired;
    /// It must not act any more: does not return in a process that acts. From every thread that notices,
    /// after acquired.
    std::function<void()> lost;
  };

  /// `clock` is monotonic, goes on while the process stands still, and outlives the keeper.
  LeaseKeeper(std::unique_ptr<LeaseStore> store, LeaseEntry self, LeaseTiming timing, const Clock& clock,
              Listener listener);
  /// Releases the lease if it is held: what it protects has ended.
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  /// Begins to contend. Once.
  void Start();

  bool Holds() const { return clock_.Now().count() < held_until_.load(); }
  /// Before everything that others see: a process that stood still for long notices here, whichever of its
  /// threads runs first. Calls `lost` unless the lease is held.
  void Require() {
    if (!Holds()) Lose();
  }
  /// Who holds the lease as far as this one knows.
  std::optional<LeaseEntry> Last() const;

 private:
  void Run();
  /// Notices the end of the lease while a put hangs.
  void Watch();
  void Do(const Lease::Look&);
  void Do(const Lease::Put& put);
  void Do(const Lease::Forget& forget);
  void Do(const Lease::Wait& wait);
  /// Runs what may throw; false, and the machine knows, when it did.
  bool Try(const char* what, const std::function<void()>& action);
  void Lose();

  const std::unique_ptr<LeaseStore> store_;
  const LeaseTiming timing_;
  const Clock& clock_;
  const Listener listener_;
  /// Of the running thread.
  Lease lease_;
  /// What could not be done of late.
  std::string failing_;
  std::atomic<int64_t> held_until_;
  std::atomic<bool> acquired_ = false;
  mutable std::mutex mutex_;
  std::condition_variable wakeup_;
  bool stopping_ = false;
  std::optional<LeaseEntry> last_;
  std::thread thread_;
  std::thread watch_;
};

}  // namespace planaria::coordinator
