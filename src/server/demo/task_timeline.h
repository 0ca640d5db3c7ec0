// The task attempts of a query as bars of text, node by node.
#pragma once

#include <string>
#include <vector>

#include "server/demo/task_attempts.h"
#include "server/demo/worker_killer.h"

namespace planaria::server {

/// One line per attempt: name, start, end, state, and a bar in which `=` is time that ended well, `x` time
/// that was lost, `#` a retry, `|` the moment of the kill. Times count in seconds from the first attempt's
/// start. `colours`: ANSI colours for what was lost and what replaced it.
std::string RenderTimeline(const std::vector<TaskAttempt>& attempts, const Kill& kill, bool colours);

}  // namespace planaria::server
