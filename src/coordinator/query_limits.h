// What a query may take: time, CPU, bytes, stages. Trino's rules and texts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/ids.h"
#include "config/query_settings.h"
#include "planner/distributed_plan.h"
#include "protocol/query_results.h"

namespace planaria::coordinator {

/// What a query has taken until now.
struct QueryConsumption {
  /// Since it was accepted; its wait in the queue counts.
  Duration run{0};
  /// Of its planning, so far.
  Duration planning{0};
  /// Since it was planned.
  Duration execution{0};
  /// Of all its tasks, failed ones too.
  Duration cpu{0};
  uint64_t scanned_bytes = 0;
};

/// The limit that `used` passes: EXCEEDED_TIME_LIMIT, EXCEEDED_CPU_LIMIT or EXCEEDED_SCAN_LIMIT. `query` are
/// the settings of the query's session, `server` those of config.properties: for CPU time and scanned bytes a
/// session may only ask for less than the server allows.
std::optional<Error> FindExceeded(const QueryConsumption& used, const QueryLimitSettings& query,
                                  const QueryLimitSettings& server);

/// What the tasks of one query hold on each node.
using HeldMemory = std::map<NodeId, uint64_t>;

struct MemoryLimits {
  uint64_t query = 0;
  uint64_t query_total = 0;
  uint64_t per_node = 0;
};

/// A session may only ask for less than the server allows. Shares are of `heap`.
MemoryLimits MemoryLimitsOf(const QueryMemorySettings& query, const QueryMemorySettings& server,
                            DataSize heap);
/// The limit that `held` passes: EXCEEDED_GLOBAL_MEMORY_LIMIT or EXCEEDED_LOCAL_MEMORY_LIMIT.
std::optional<Error> FindExceeded(const HeldMemory& held, const MemoryLimits& limits);

/// The most stages that a query of this plan can run: of two plans of a join only one does.
int64_t CountStages(const planner::DistributedPlan& plan);
/// Throws QUERY_HAS_TOO_MANY_STAGES above `most`; a warning above `warn_above`.
std::optional<protocol::Warning> CheckStages(int64_t stages, int64_t most, int64_t warn_above);

}  // namespace planaria::coordinator
