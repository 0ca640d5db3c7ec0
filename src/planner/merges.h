// Fragments that merge the outputs of wide exchanges.
#pragma once

#include <cstdint>

#include "planner/distributed_plan.h"

namespace planaria::planner {

/// Puts a fragment that merges (Fragment::merges) behind each that writes at least `from_partitions` hash
/// partitions, for all who read them by partition. Not behind fragments of joins with two plans: which of
/// these is read is known too late. Fragments are numbered anew.
void AddMerges(uint32_t from_partitions, DistributedPlan& plan);

}  // namespace planaria::planner
