#include "server/standby.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/error.h"

namespace planaria::server {

namespace {
/// As for every start that fails.
constexpr int kStartFailedExitCode = 100;
constexpr const char* kRetryAfterSeconds = "1";
}  // namespace

Standby::Standby(std::unique_ptr<coordinator::LeaseStore> store, coordinator::LeaseEntry self,
                 Duration lease_duration, Actions actions)
    : node_(self.node),
      actions_(std::move(actions)),
      keeper_(std::make_unique<coordinator::LeaseKeeper>(
          std::move(store), std::move(self), coordinator::LeaseTiming::Of(lease_duration), clock_,
          coordinator::LeaseKeeper::Listener{
              .acquired = [this](const auto& former) { Acquired({former ? former->node : ""}); },
              .lost = actions_.lost})) {}

Standby::~Standby() {
  Close();
  keeper_.reset();
}

void Standby::Close() {
  std::thread activation;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    activation.swap(activation_);
  }
  if (activation.joinable()) activation.join();
}

void Standby::Acquired(const NodeId& former) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  spdlog::info("this coordinator has the lease and takes over");
  state_ = State::kTakingOver;
  activation_ = std::thread([this, former] { Activate(former); });
}

void Standby::Activate(const NodeId& former) {
  try {
    actions_.activate(former);
    state_ = State::kActive;
    spdlog::info("this coordinator is active");
  } catch (const TrinoException& exception) {
    spdlog::critical("this coordinator cannot take over: {}", exception.what());
    _exit(kStartFailedExitCode);
  }
}

std::optional<std::string> Standby::Refusal() const {
  switch (state_) {
    case State::kActive:
      return std::nullopt;
    case State::kTakingOver:
      return fmt::format("Coordinator {} is taking over", node_);
    case State::kWaiting:
      break;
  }
  const auto last = keeper_->Last();
  if (!last || last->released) return fmt::format("Coordinator {} waits on standby, none is active", node_);
  return fmt::format("Coordinator {} waits on standby, {} at {} is active", node_, last->node, last->uri);
}

void StandbyRoutes::Route(const std::string& method, const std::string& pattern, HttpHandler handler) {
  if (standby_ == nullptr) return routes_.Route(method, pattern, std::move(handler));
  routes_.Route(method, pattern,
                [standby = standby_, handler = std::move(handler)](const std::shared_ptr<HttpCall>& call) {
                  if (const auto refusal = standby->Refusal()) {
                    HttpResponse response = TextResponse(503, *refusal);
                    response.headers.Add("Retry-After", kRetryAfterSeconds);
                    return call->Respond(std::move(response));
                  }
                  standby->MustBeActive();
                  handler(call);
                });
}

}  // namespace planaria::server
