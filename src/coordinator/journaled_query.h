// What the journal keeps of a query besides its progress: statement, session and plan.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "planner/distributed_plan.h"
#include "protocol/session_headers.h"

namespace planaria::coordinator {

struct JournaledQuery {
  std::string sql;
  /// Without credentials, prepared statements and roles: planning, which needs them, is done.
  protocol::SessionHeaders session;
  std::chrono::sys_time<std::chrono::microseconds> created;
  /// Without the texts of EXPLAIN.
  planner::DistributedPlan plan;
};

std::string SerializeJournaledQuery(const JournaledQuery& query);
/// Throws TrinoException(SERIALIZATION_ERROR).
JournaledQuery ParseJournaledQuery(std::string_view bytes);

}  // namespace planaria::coordinator
