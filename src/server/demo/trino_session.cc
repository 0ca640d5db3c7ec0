#include "server/demo/trino_session.h"

#include "base/error.h"

namespace planaria::server {

namespace {

using nlohmann::json;

constexpr Duration kPageDeadline = std::chrono::minutes(2);

[[noreturn]] void Fail(const json& error) {
  throw TrinoException(ErrorCodeOf(error.value("errorCode", 0)), error.value("message", "(no message)"));
}

}  // namespace

TrinoSession::TrinoSession(HttpClient& client, std::string uri, std::string catalog, std::string schema)
    : client_(client), uri_(std::move(uri)), catalog_(std::move(catalog)), schema_(std::move(schema)) {}

StatementResult TrinoSession::Run(const std::string& sql, const Started& started) const {
  ClientRequest statement{.method = "POST", .url = uri_ + "/v1/statement", .body = sql};
  statement.headers = {{"X-Trino-User", "demo"},
                       {"X-Trino-Source", "planaria-demo"},
                       {"X-Trino-Catalog", catalog_},
                       {"X-Trino-Schema", schema_},
                       {"X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME"}};
  json page = Send(std::move(statement));
  StatementResult result;
  result.query_id = page.at("id");
  if (started) started(result.query_id);
  while (true) {
    if (page.contains("error")) Fail(page["error"]);
    if (page.contains("data")) {
      for (json& row : page["data"]) result.rows.push_back(std::move(row));
    }
    if (!page.contains("nextUri")) return result;
    page = Send({.url = page["nextUri"]});
  }
}

json TrinoSession::Send(ClientRequest request) const {
  request.deadline = kPageDeadline;
  const std::string url = request.url;
  const HttpResponse response = client_.Call(std::move(request));
  json page = json::parse(response.body, nullptr, false);
  if (response.status != 200 || !page.is_object()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         url + " answered " + std::to_string(response.status) + ": " + response.body);
  }
  return page;
}

}  // namespace planaria::server
