// How other nodes read the outputs of this node's running tasks.
//
//   GET    /v1/task/{task}/results/{reader}/{token}?max=<bytes>&wait=<ms>
//   DELETE /v1/task/{task}/results/{reader}          the reader wants no more
//
// GET answers 200 with whole blocks (exchange/stream_page.h), perhaps none, once there are any, at the end or
// after `wait`; X-Planaria-Next-Token asks for what comes next and acknowledges these, X-Planaria-Complete
// says that nothing does. 404: the task is not here (yet, or any more). 500: what went wrong, as text.
#pragma once

#include "env/http_routes.h"
#include "exchange/stream_store.h"

namespace planaria::exchange {

inline constexpr const char* kNextTokenHeader = "X-Planaria-Next-Token";
inline constexpr const char* kCompleteHeader = "X-Planaria-Complete";

/// Adds the routes before the server starts; it must not run longer than the store lives.
void ServeStreams(HttpRoutes& server, StreamStore& store);

}  // namespace planaria::exchange
