// Cuts a hash stage into tasks: small partitions merged, very large ones shared by several tasks.
#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/commands.h"
#include "scheduler/hash_packer.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

struct HashInput {
  /// Position among the fragment's inputs.
  uint32_t position = 0;
  std::vector<uint64_t> partition_bytes;
  /// FragmentInput::splittable.
  bool splittable = false;
  uint32_t producer_tasks = 0;
};

/// A partition of more than twice the target is shared when one splittable input makes it so and the others
/// hold at most a quarter of the target: each of its tasks reads that input from some of the producer's
/// tasks, and all of the others. The rest is merged as PackHashPartitions does, but for writers never above
/// the floor.
std::vector<TaskWork> CutHashTasks(const std::vector<HashInput>& inputs, const ClusterShape& cluster,
                                   const QueryLimits& limits, bool writes);

}  // namespace planaria::scheduler
