// What scripts ask of Trino's web UI: logging in, and JSON about queries and the cluster.
#pragma once

#include "coordinator/client_query.h"
#include "env/http_routes.h"

namespace planaria::coordinator {

/// POST /ui/auth/login and /ui/login, which let everybody in who names a user and no password, as Trino's
/// without an authenticator; GET /ui/auth/info, /ui/auth/logout, /ui/logout; GET /ui/api/query,
/// /ui/api/query/{query} and /ui/api/stats. They ask for no login: there is no access control. Before the
/// server starts; `queries` outlives it.
void RegisterUiRoutes(HttpRoutes& server, QueryService& queries, bool process_forwarded);

}  // namespace planaria::coordinator
