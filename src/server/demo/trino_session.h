// A small client of the statement protocol, for programs that talk to a server as any client does.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "env/http_client.h"

namespace planaria::server {

struct StatementResult {
  std::string query_id;
  /// An array of rows, each an array of values in the protocol's forms.
  nlohmann::json rows = nlohmann::json::array();
};

/// Thread-safe: statements run independently of each other.
class TrinoSession {
 public:
  /// Unqualified names are those of `catalog` and `schema`.
  TrinoSession(HttpClient& client, std::string uri, std::string catalog, std::string schema);

  using Started = std::function<void(const std::string& query_id)>;
  /// Runs a statement to its end; `started` is told the query's id as soon as there is one. Throws
  /// TrinoException with the query's error, or that of the connection.
  StatementResult Run(const std::string& sql, const Started& started = {}) const;

 private:
  nlohmann::json Send(ClientRequest request) const;

  HttpClient& client_;
  const std::string uri_, catalog_, schema_;
};

}  // namespace planaria::server
