#include "coordinator/query_info.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "base/units.h"

namespace planaria::coordinator {

namespace {

using nlohmann::json;

std::string MillisText(int64_t millis) { return FormatDuration(std::chrono::milliseconds(millis)); }
std::string BytesText(int64_t bytes) { return std::to_string(bytes) + "B"; }

json SessionJson(const protocol::SessionHeaders& session, const QueryId& id) {
  json out = {{"queryId", id.value},
              {"user", session.user},
              {"clientTags", session.client_tags},
              {"systemProperties", session.session_properties}};
  const auto add = [&](const char* name, const std::optional<std::string>& text) {
    if (text) out[name] = *text;
  };
  add("source", session.source);
  add("catalog", session.catalog);
  add("schema", session.schema);
  add("timeZoneKey", session.time_zone);
  add("traceToken", session.trace_token);
  add("clientInfo", session.client_info);
  return out;
}

json StatsJson(const QuerySnapshot& snapshot) {
  const protocol::QueryStats& stats = snapshot.stats;
  json out = {{"createTime", InstantText(snapshot.created)},
              {"queuedTime", MillisText(stats.queued_time_millis)},
              {"elapsedTime", MillisText(stats.elapsed_time_millis)},
              {"executionTime", MillisText(stats.elapsed_time_millis - stats.queued_time_millis)},
              {"analysisTime", MillisText(stats.analysis_time_millis)},
              {"planningTime", MillisText(stats.planning_time_millis)},
              {"totalDrivers", stats.total_splits},
              {"queuedDrivers", stats.queued_splits},
              {"runningDrivers", stats.running_splits},
              {"completedDrivers", stats.completed_splits},
              {"totalCpuTime", MillisText(stats.cpu_time_millis)},
              {"totalScheduledTime", MillisText(stats.wall_time_millis)},
              {"rawInputPositions", stats.processed_rows},
              {"rawInputDataSize", BytesText(stats.processed_bytes)},
              {"physicalInputDataSize", BytesText(stats.physical_input_bytes)},
              {"peakTotalMemoryReservation", BytesText(stats.peak_memory_bytes)},
              {"spilledDataSize", BytesText(stats.spilled_bytes)}};
  if (snapshot.ended) out["endTime"] = InstantText(*snapshot.ended);
  if (stats.progress_percentage) out["progressPercentage"] = *stats.progress_percentage;
  return out;
}

json Basic(const ClientQuery& query, const QuerySnapshot& snapshot, const std::string& base_uri) {
  json out = {{"queryId", query.id().value},
              {"session", SessionJson(query.session(), query.id())},
              {"state", snapshot.stats.state},
              {"scheduled", snapshot.stats.scheduled},
              {"self", base_uri + "/v1/query/" + query.id().value},
              {"query", query.sql()},
              {"queryStats", StatsJson(snapshot)}};
  if (snapshot.update_type) out["updateType"] = *snapshot.update_type;
  if (snapshot.error) {
    const ErrorCode& code = snapshot.error->code;
    out["errorType"] = ErrorTypeName(code.type);
    out["errorCode"] = {{"code", code.code}, {"name", code.name}, {"type", ErrorTypeName(code.type)}};
  }
  return out;
}

/// Statements may hold any bytes.
std::string Dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string Html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + Html(title) +
         "</title><style>body{font:15px sans-serif;margin:2em}pre{background:#f4f4f4;padding:1em;white-space:"
         "pre-wrap}td,th{padding:.2em 1em .2em 0;text-align:left}</style></head><body><h1>" +
         Html(title) + "</h1>" + body + "</body></html>\n";
}

std::string Row(const std::string& name, const std::string& value) {
  return "<tr><th>" + Html(name) + "</th><td>" + Html(value) + "</td></tr>";
}

}  // namespace

std::string InstantText(WallTime time) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = millis / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + millis % 1000).substr(1);
  return std::string(text, length) + "." + fraction + "Z";
}

std::string BasicQueryInfoJson(const ClientQuery& query, const QuerySnapshot& snapshot,
                               const std::string& base_uri) {
  return Dump(Basic(query, snapshot, base_uri));
}

std::string QueryInfoJson(const ClientQuery& query, const QuerySnapshot& snapshot,
                          const std::string& base_uri) {
  json out = Basic(query, snapshot, base_uri);
  out["finalQueryInfo"] = snapshot.stats.done();
  if (snapshot.error) out["failureInfo"] = json::parse(protocol::WriteFailureInfo(*snapshot.error));
  const json stats = json::parse(protocol::WriteQueryStats(snapshot.stats));
  if (stats.contains("rootStage")) out["outputStage"] = stats["rootStage"];
  return Dump(out);
}

std::string QueryListHtml(
    const std::vector<std::pair<std::shared_ptr<ClientQuery>, QuerySnapshot>>& queries) {
  std::string body = "<table><tr><th>Query</th><th>State</th><th>User</th><th>Created</th></tr>";
  for (const auto& [query, snapshot] : queries) {
    const std::string id = Html(query->id().value);
    body += "<tr><td><a href=\"/ui/query.html?" + id + "\">" + id + "</a></td><td>" +
            Html(snapshot.stats.state) + "</td><td>" + Html(query->session().user) + "</td><td>" +
            InstantText(snapshot.created) + "</td></tr>";
  }
  return Page("Queries", body + "</table>");
}

std::string QueryHtml(const ClientQuery& query, const QuerySnapshot& snapshot) {
  const protocol::QueryStats& stats = snapshot.stats;
  std::string body =
      "<table>" + Row("State", stats.state) + Row("User", query.session().user) +
      Row("Created", InstantText(snapshot.created)) + Row("Elapsed", MillisText(stats.elapsed_time_millis)) +
      Row("CPU", MillisText(stats.cpu_time_millis)) +
      Row("Tasks", std::to_string(stats.completed_splits) + " of " + std::to_string(stats.total_splits)) +
      Row("Rows read", std::to_string(stats.processed_rows));
  if (snapshot.error) body += Row(std::string(snapshot.error->code.name), snapshot.error->message);
  return Page("Query " + query.id().value, body + "</table><pre>" + Html(query.sql()) + "</pre>");
}

}  // namespace planaria::coordinator
