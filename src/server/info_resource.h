// What every node says of itself: GET /v1/info, /v1/info/state, /v1/info/coordinator, /v1/status.
#pragma once

#include "config/etc_config.h"
#include "env/http_server.h"
#include "protocol/task_messages.h"

namespace planaria::server {

inline constexpr const char* kVersion = "476";

void AddInfoRoutes(HttpServer& server, const EtcConfig& config, const protocol::NodeAnnouncement& self);

}  // namespace planaria::server
