// SHOW STATS FOR a query. That of a table is a definition step.
#pragma once

#include <string>
#include <vector>

#include "coordinator/catalog_objects.h"
#include "planner/distributed_plan.h"
#include "sql/analyzer/analyzer.h"

namespace planaria::coordinator {

/// The query that answers SHOW STATS FOR a query with these columns. A column that is a table's has that
/// table's statistics, with no more distinct values than rows; of others nothing is known. `plan` has
/// operators.
std::string QueryStatsQuery(const CatalogObjects& objects, const std::vector<sql::OutputColumn>& columns,
                            const planner::DistributedPlan& plan);

}  // namespace planaria::coordinator
