#include "coordinator/ui_routes.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "coordinator/query_info.h"
#include "coordinator/statement_uri.h"
#include "protocol/session_headers.h"
#include "protocol/url_text.h"

namespace planaria::coordinator {

namespace {

using nlohmann::json;
using Call = std::shared_ptr<HttpCall>;

constexpr const char* kUiHome = "/ui/";

HttpResponse JsonText(std::string text) {
  HttpResponse response = ContentResponse("application/json", std::move(text));
  response.gzip = true;
  return response;
}

HttpResponse Redirect(const std::string& target) {
  return HttpResponse{.status = 303, .headers = {{"Location", target}}, .body = {}};
}

/// `a=b&c=d`
std::map<std::string, std::string> FormFields(std::string_view body) {
  std::map<std::string, std::string> fields;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    const size_t equals = std::min(field.find('='), field.size());
    const auto name = protocol::DecodeFormText(field.substr(0, equals));
    const auto value = protocol::DecodeFormText(field.substr(std::min(equals + 1, field.size())));
    if (name && value) fields[*name] = *value;
  }
  return fields;
}

bool MayEnter(const std::string& user, const std::string& password) {
  return !user.empty() && password.empty();
}

HttpResponse LogIn(const HttpRequest& request) {
  const json given = json::parse(request.body, nullptr, false);
  if (!given.is_object()) return BadRequest("Expected a JSON object with username and password");
  const auto text = [&](const char* name) {
    return given.contains(name) && given[name].is_string() ? given[name].get<std::string>() : std::string();
  };
  if (!MayEnter(text("username"), text("password"))) return TextResponse(401, "Invalid username or password");
  return HttpResponse{.status = 204, .headers = {}, .body = {}};
}

/// Nobody is sent to another server; browsers take a backslash for a slash.
HttpResponse LogInByForm(const HttpRequest& request, const std::string& base_uri) {
  auto fields = FormFields(request.body);
  if (!MayEnter(fields["username"], fields["password"])) return Redirect("/ui/login.html");
  const std::string& path = fields["redirectPath"];
  const bool here = path.starts_with(base_uri + "/") || (path.starts_with('/') && !path.starts_with("//") &&
                                                         path.find('\\') == std::string::npos);
  return Redirect(here ? path : kUiHome);
}

HttpResponse ListQueries(QueryService& queries, const std::string& base_uri) {
  std::string body = "[";
  for (const auto& query : queries.List()) {
    body.append(body.size() > 1 ? "," : "").append(BasicQueryInfoJson(*query, query->Snapshot(), base_uri));
  }
  return JsonText(body + "]");
}

HttpResponse ClusterStats(QueryService& queries) {
  int64_t running = 0, queued = 0, rows = 0, bytes = 0, cpu_millis = 0, reserved = 0;
  for (const auto& query : queries.List()) {
    const protocol::QueryStats stats = query->Snapshot().stats;
    queued += stats.state == "QUEUED";
    running += !stats.done() && stats.state != "QUEUED";
    rows += stats.processed_rows;
    bytes += stats.processed_bytes;
    cpu_millis += stats.cpu_time_millis;
    if (!stats.done()) reserved += stats.peak_memory_bytes;
  }
  return JsonText(json{{"runningQueries", running},
                       {"queuedQueries", queued},
                       {"blockedQueries", 0},
                       {"reservedMemory", reserved},
                       {"totalInputRows", rows},
                       {"totalInputBytes", bytes},
                       {"totalCpuTimeSecs", cpu_millis / 1000}}
                      .dump());
}

}  // namespace

void RegisterUiRoutes(HttpRoutes& server, QueryService& queries, bool process_forwarded) {
  const auto base_uri = [process_forwarded](const Call& call) {
    return BaseUriOf(call->request(), process_forwarded);
  };
  const auto route = [&](const char* method, const char* path, auto answer) {
    server.Route(method, path, [answer](const Call& call) {
      try {
        call->Respond(answer(call));
      } catch (const protocol::RefusedRequest& refused) {
        call->Respond(TextResponse(refused.status(), refused.what()));
      }
    });
  };
  route("POST", "/ui/auth/login", [](const Call& call) { return LogIn(call->request()); });
  route("POST", "/ui/login",
        [base_uri](const Call& call) { return LogInByForm(call->request(), base_uri(call)); });
  route("GET", "/ui/auth/info", [](const Call&) {
    return JsonText(json{{"authType", "form"}, {"passwordAllowed", false}, {"authenticated", true}}.dump());
  });
  for (const char* const path : {"/ui/auth/logout", "/ui/logout"}) {
    route("GET", path, [](const Call&) { return Redirect(kUiHome); });
  }
  route("GET", "/ui/api/query",
        [&queries, base_uri](const Call& call) { return ListQueries(queries, base_uri(call)); });
  route("GET", "/ui/api/query/{query}", [&queries, base_uri](const Call& call) {
    const auto query = queries.Find({call->path_parameter("query")});
    if (!query) return TextResponse(410, "Query not found");
    return JsonText(QueryInfoJson(*query, query->Snapshot(), base_uri(call)));
  });
  route("GET", "/ui/api/stats", [&queries](const Call&) { return ClusterStats(queries); });
}

}  // namespace planaria::coordinator
