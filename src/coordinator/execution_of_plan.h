// From the planner's words to the execution driver's and the scheduler's.
#pragma once

#include <cstdint>

#include "config/query_settings.h"
#include "coordinator/execution.h"
#include "planner/distributed_plan.h"

namespace planaria::coordinator {

/// Moves the splits' payloads out of `plan` into `storage`: they may be large, and only tasks need them.
Execution ExecutionOfPlan(const QueryId& query, planner::DistributedPlan& plan, const QuerySettings& settings,
                          protocol::TaskSession session, DescriptorStorage& storage);

/// Throws MAX_OUTPUT_PARTITION_COUNT_EXCEEDED when an exchange would have more than `allowed` partitions.
void CheckOutputPartitions(const planner::DistributedPlan& plan, int64_t allowed);

}  // namespace planaria::coordinator
