// Trino's statement protocol over HTTP: /v1/statement and what belongs to it.
//
// POST submits, GETs of `nextUri` fetch pages, DELETE cancels. Errors of a query are documents with status
// 200; other statuses mean that the request itself was wrong. Every page is a lease: a query whose client
// stays away longer than the client timeout ends with ABANDONED_QUERY.
#pragma once

#include <memory>
#include <string>

#include "base/units.h"
#include "coordinator/client_query.h"
#include "coordinator/result_spooler.h"
#include "env/clock.h"
#include "env/executor.h"
#include "env/http_routes.h"
#include "env/random.h"

namespace planaria::coordinator {

struct StatementOptions {
  /// query.client.timeout.
  Duration client_timeout = std::chrono::minutes(5);
  /// query.max-length, in characters.
  size_t max_sql_characters = 1'000'000;
  /// http-server.process-forwarded.
  bool process_forwarded = false;
  /// How long a GET waits for news; clients give up after 30 s.
  Duration max_wait = std::chrono::seconds(1);
  size_t page_bytes = size_t{1} << 20;
  /// Behind the slugs of the pages' URIs; random when empty. A server that is to take up its clients after a
  /// restart needs the same one again.
  std::string secret = {};
  /// Null where the spooling protocol is not spoken.
  std::shared_ptr<ResultSpooler> spooler = {};
};

/// Registers its routes in the constructor, before the server starts, and takes up the service's queries:
///   POST, HEAD /v1/statement; GET, HEAD, DELETE /v1/statement/{queued,executing}/{query}/{slug}/{token};
///   GET /v1/query, /v1/query/{query}; DELETE /v1/query/{query}; PUT /v1/query/{query}/{killed,preempted};
///   GET /, /ui/, /ui/query.html (where `infoUri` leads).
/// References must outlive both the server and this.
class StatementResource {
 public:
  StatementResource(HttpRoutes& server, QueryService& queries, Executor& executor, const Clock& clock,
                    RandomSource& random, StatementOptions options);
  ~StatementResource();

  /// Again, when the service has come to know queries of earlier starts later.
  void TakeUp();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace planaria::coordinator
