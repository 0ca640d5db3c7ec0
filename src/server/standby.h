// A coordinator that shares its queries with others: it waits until the lease is its, then acts.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/ids.h"
#include "coordinator/lease_keeper.h"
#include "env/clock.h"
#include "env/http_routes.h"

namespace planaria::server {

/// Thread-safe.
class Standby {
 public:
  struct Actions {
    /// Makes the coordinator act; once, on a thread of its own. `former` is the node that acted before, empty
    /// if none did. A TrinoException ends the process.
    std::function<void(const NodeId& former)> activate;
    /// The lease is lost: must end the process.
    std::function<void()> lost;
  };

  /// Of `self`, instance, node and uri count.
  Standby(std::unique_ptr<coordinator::LeaseStore> store, coordinator::LeaseEntry self,
          Duration lease_duration, Actions actions);
  /// Gives the lease back, if it is held, so that another need not wait: the coordinator is gone by now.
  ~Standby();

  /// Begins to contend. Once.
  void Start() { keeper_->Start(); }
  /// From now on `activate` is not called; waits for a call that runs.
  void Close();

  bool active() const { return state_ == State::kActive; }
  /// Calls `lost` when this one has acted and must not any more.
  void MustBeActive() { keeper_->Require(); }
  /// Why requests are not served; nothing when they are.
  std::optional<std::string> Refusal() const;

 private:
  enum class State : uint8_t { kWaiting, kTakingOver, kActive };
  void Acquired(const NodeId& former);
  void Activate(const NodeId& former);

  const std::string node_;
  const Actions actions_;
  const BootClock clock_;
  std::atomic<State> state_ = State::kWaiting;
  std::mutex mutex_;
  bool closed_ = false;
  std::thread activation_;
  std::unique_ptr<coordinator::LeaseKeeper> keeper_;
};

/// Routes of a coordinator that answer 503 while it waits, which clients and workers take for `ask again,
/// here or elsewhere`.
class StandbyRoutes final : public HttpRoutes {
 public:
  /// Both outlive the served routes; `standby` may be null: then nothing waits.
  StandbyRoutes(HttpRoutes& routes, Standby* standby) : routes_(routes), standby_(standby) {}
  void Route(const std::string& method, const std::string& pattern, HttpHandler handler) override;

 private:
  HttpRoutes& routes_;
  Standby* const standby_;
};

}  // namespace planaria::server
