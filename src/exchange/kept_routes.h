// How other nodes read what this node keeps of its outputs.
//
//   GET /v1/kept/{key}?offset=O&length=L    those bytes of an object
//   GET /v1/kept                            what is kept, and how often it was asked for, as JSON
//
// 200 with exactly these bytes; 404: the object is not here; 416: it is, but not all of these bytes; 400: no
// such request. Whoever gets anything but the bytes asks the store.
#pragma once

#include "env/http_routes.h"
#include "env/work_queue.h"
#include "exchange/kept_outputs.h"

namespace planaria::exchange {

inline constexpr const char* kKeptPath = "/v1/kept";
/// Longer ranges are not asked for: an answer is in memory as a whole.
inline constexpr uint64_t kLongestKeptRead = 64 << 20;

/// Adds the routes before the server starts. `kept` outlives `work`, where the bytes are copied, and both the
/// server's running.
void ServeKept(HttpRoutes& server, WorkQueue& work, KeptOutputs& kept);

}  // namespace planaria::exchange
