// How a coordinator ends queries that pass their limits.
#include "coordinator/coordinator.h"

namespace planaria::coordinator {

namespace {
/// Limits are passed by so much at most, and by what nodes take to tell what their tasks use.
constexpr auto kInterval = std::chrono::milliseconds(500);
}  // namespace

void Coordinator::WatchLimits() {
  parts_.loop->RunAfter(kInterval, [this, gate = gate_] {
    gate->Pass([this] {
      EnforceLimits();
      WatchLimits();
    });
  });
}

void Coordinator::EnforceLimits() {
  std::vector<ActiveQuery> active;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, query] : active_) active.push_back(query);
  }
  if (active.empty()) return;
  for (const ActiveQuery& one : active) {
    const auto exceeded =
        FindExceeded(one.query->Consumption(), one.settings.limits, parts_.config->server.query.limits);
    if (exceeded) one.query->Cancel(*exceeded);
  }
  usage_->Ask();
}

void Coordinator::NodeUses(const protocol::NodeUsage& usage) {
  for (const protocol::TaskUsage& task : usage.tasks) {
    if (const auto query = FindQuery(task.task.query)) query->TaskUses(task);
  }
}

}  // namespace planaria::coordinator
