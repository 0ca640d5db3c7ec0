// The remote control of this process's fault points (base/fault_points.h):
//
//   PUT /v1/fault   [{"point": "task.start", "action": "fail|delay|hang|kill|freeze", "error":
//   "REMOTE_TASK_ERROR",
//                     "message": "...", "delay": "250ms", "fragment": 1, "partition": 0, "last_attempt": 0,
//                     "times": 1}, ...]          replaces all rules; everything but `point` is optional
//   GET /v1/fault   [3, 0, ...]   how often each rule has fired, in the order of the PUT
#pragma once

#include <string_view>
#include <vector>

#include "base/fault_points.h"
#include "env/http_server.h"

namespace planaria::server {

/// Throws TrinoException(INVALID_ARGUMENTS) that names what is wrong.
std::vector<FaultRule> ParseFaultRules(std::string_view json);

/// Only for nodes with `fault-injection.enabled=true`.
void AddFaultRoutes(HttpServer& server);

}  // namespace planaria::server
