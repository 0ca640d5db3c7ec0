// A fault point in front of an HTTP answer (base/fault_points.h).
#pragma once

#include <memory>
#include <string_view>

#include "base/fault_points.h"
#include "env/http_server.h"

namespace planaria {

/// True when a rule has taken the call: answered it with 500, or keeps it without an answer (hang, delay: the
/// client sees its deadline pass). Does not block.
bool FaultTakesCall(std::string_view point, const TaskId* task, const std::shared_ptr<HttpCall>& call);

}  // namespace planaria
