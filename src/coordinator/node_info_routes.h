// What load balancers, gateways and health checks ask of any node.
#pragma once

#include <functional>
#include <string>

#include "env/clock.h"
#include "env/http_routes.h"

namespace planaria::coordinator {

struct NodeInfo {
  std::string node_id{};
  std::string version{};
  std::string environment{};
  /// Host names or addresses, without scheme.
  std::string external_address{};
  std::string internal_address{};
  bool coordinator = true;
  /// Coordinators that may have to wait: whether this one acts.
  std::function<bool()> active{};
  /// Workers: whether the node is about to go, and how to make it go (any thread, again changes nothing).
  std::function<bool()> shutting_down{};
  std::function<void()> shut_down{};
};

/// GET /v1/info, /v1/info/state, /v1/info/coordinator (404 on workers) and /v1/status; PUT /v1/info/state,
/// which takes "SHUTTING_DOWN" on workers. A coordinator that waits is `starting`, its state "INACTIVE", and
/// /v1/info/coordinator answers 503: proxies send their requests elsewhere. Before the server starts; uptime
/// counts from here. The clock outlives the server.
void RegisterNodeInfo(HttpRoutes& server, const Clock& clock, const NodeInfo& node);

}  // namespace planaria::coordinator
