#include "coordinator/node_info_routes.h"

#include <nlohmann/json.hpp>
#include <thread>

namespace planaria::coordinator {

namespace {

using nlohmann::json;

void RespondJson(const std::shared_ptr<HttpCall>& call, const json& body) {
  call->Respond(ContentResponse("application/json", body.dump()));
}

bool Waits(const NodeInfo& node) { return node.active && !node.active(); }

std::string StateOf(const NodeInfo& node) {
  if (Waits(node)) return "INACTIVE";
  return node.shutting_down && node.shutting_down() ? "SHUTTING_DOWN" : "ACTIVE";
}

/// Trino's answers; its DRAINING, from which a node comes back, is not there.
HttpResponse ChangeState(const NodeInfo& node, const HttpCall& call) {
  const json asked = json::parse(call.request().body, nullptr, false);
  if (!asked.is_string()) return BadRequest("Expected the name of a node state as a JSON string");
  const std::string from = StateOf(node);
  const std::string to = asked;
  if (from == to) return {};
  if (to != "SHUTTING_DOWN") return BadRequest("Invalid state transition from " + from + " to " + to);
  if (node.coordinator) return TextResponse(500, "Cannot shutdown coordinator");
  node.shut_down();
  return {};
}

}  // namespace

void RegisterNodeInfo(HttpRoutes& server, const Clock& clock, const NodeInfo& node) {
  const auto uptime = [&clock, start = clock.Now()] { return FormatDuration(clock.Now() - start); };
  server.Route("GET", "/v1/info", [node, uptime](const std::shared_ptr<HttpCall>& call) {
    json info = {{"nodeVersion", {{"version", node.version}}},
                 {"nodeId", node.node_id},
                 {"environment", node.environment},
                 {"coordinator", node.coordinator},
                 {"starting", Waits(node)},
                 {"uptime", uptime()}};
    if (node.coordinator) info["coordinatorId"] = node.node_id;
    RespondJson(call, info);
  });
  server.Route("GET", "/v1/info/state",
               [node](const std::shared_ptr<HttpCall>& call) { RespondJson(call, StateOf(node)); });
  server.Route("PUT", "/v1/info/state",
               [node](const std::shared_ptr<HttpCall>& call) { call->Respond(ChangeState(node, *call)); });
  server.Route("GET", "/v1/info/coordinator", [node](const std::shared_ptr<HttpCall>& call) {
    if (Waits(node)) return call->Respond(TextResponse(503, "Not active"));
    call->Respond(node.coordinator ? HttpResponse{} : NotFound("Not a coordinator"));
  });
  server.Route("GET", "/v1/status", [node, uptime](const std::shared_ptr<HttpCall>& call) {
    RespondJson(call, {{"nodeId", node.node_id},
                       {"nodeVersion", {{"version", node.version}}},
                       {"environment", node.environment},
                       {"coordinator", node.coordinator},
                       {"uptime", uptime()},
                       {"externalAddress", node.external_address},
                       {"internalAddress", node.internal_address},
                       {"processors", std::thread::hardware_concurrency()}});
  });
}

}  // namespace planaria::coordinator
