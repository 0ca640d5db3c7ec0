#include "server/fault_routes.h"

#include <nlohmann/json.hpp>

#include "base/units.h"

namespace planaria::server {

namespace {

using Json = nlohmann::json;

[[noreturn]] void Refuse(const std::string& what) {
  throw TrinoException(errors::INVALID_ARGUMENTS, "Fault rules: " + what);
}

ErrorCode CodeNamed(const std::string& name) {
#define PLANARIA_ERROR(NAME, CODE, TYPE) \
  if (name == #NAME) return errors::NAME;
#include "base/error_codes.inc"
#undef PLANARIA_ERROR
  Refuse("there is no error " + name);
}

FaultAction ActionNamed(const std::string& name) {
  if (name == "fail") return FaultAction::kFail;
  if (name == "delay") return FaultAction::kDelay;
  if (name == "hang") return FaultAction::kHang;
  if (name == "kill") return FaultAction::kKill;
  if (name == "freeze") return FaultAction::kFreeze;
  Refuse("there is no action " + name);
}

FaultRule ParseRule(const Json& json) {
  if (!json.is_object() || !json.contains("point")) Refuse("expected objects with a point");
  FaultRule rule;
  std::string error = "GENERIC_INTERNAL_ERROR", message = "This error is injected by a fault rule";
  for (const auto& [key, value] : json.items()) {
    if (key == "point") {
      rule.point = value.get<std::string>();
    } else if (key == "action") {
      rule.action = ActionNamed(value.get<std::string>());
    } else if (key == "error") {
      error = value.get<std::string>();
    } else if (key == "message") {
      message = value.get<std::string>();
    } else if (key == "delay") {
      rule.delay = ParseDuration(value.get<std::string>());
    } else if (key == "fragment") {
      rule.fragment = value.get<uint32_t>();
    } else if (key == "partition") {
      rule.partition = value.get<uint32_t>();
    } else if (key == "last_attempt") {
      rule.last_attempt = value.get<uint32_t>();
    } else if (key == "times") {
      rule.times = value.get<uint32_t>();
    } else {
      Refuse("unknown key " + key);
    }
  }
  rule.error = {CodeNamed(error), message, {}, {}};
  return rule;
}

}  // namespace

std::vector<FaultRule> ParseFaultRules(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (!json.is_array()) Refuse("expected a list");
    std::vector<FaultRule> rules;
    for (const Json& rule : json) rules.push_back(ParseRule(rule));
    return rules;
  } catch (const Json::exception& exception) {
    Refuse(exception.what());
  }
}

void AddFaultRoutes(HttpServer& server) {
  server.Route("PUT", "/v1/fault", [](std::shared_ptr<HttpCall> call) {
    try {
      FaultPoints::Instance().Set(ParseFaultRules(call->request().body));
      call->Respond({.status = 204, .headers = {}, .body = {}});
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
  server.Route("GET", "/v1/fault", [](std::shared_ptr<HttpCall> call) {
    Json fired = Json::array();
    for (const uint64_t count : FaultPoints::Instance().Fired()) fired.push_back(count);
    call->Respond(ContentResponse("application/json", fired.dump()));
  });
}

}  // namespace planaria::server
