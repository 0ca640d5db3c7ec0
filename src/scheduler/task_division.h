// Cuts the work of one task in two.
#pragma once

#include <optional>
#include <utility>

#include "scheduler/commands.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

/// A hash task's partitions or a scan task's splits, half each. Nothing for a single partition or split, and
/// for stages that must be one task.
std::optional<std::pair<TaskWork, TaskWork>> DivideTask(const TaskWork& work, Distribution distribution);

}  // namespace planaria::scheduler
