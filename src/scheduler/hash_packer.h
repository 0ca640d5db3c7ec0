// Merges small hash partitions into tasks by their real sizes.
#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/plan.h"

namespace planaria::scheduler {

/// What tasks can run on.
struct ClusterShape {
  uint32_t nodes = 0;
  uint32_t slots = 0;
};

/// Bytes that a task of a stage with `total_bytes` of input aims at.
double HashTaskTarget(uint64_t total_bytes, const ClusterShape& cluster, const QueryLimits& limits);

/// The partitions that each task reads, ascending; every partition is in exactly one task, and there is at
/// least one task. `partition_bytes` is what the partitioned inputs hold together. Tasks aim at
/// `hash_task_target_bytes`, at less when that would leave slots idle, but never below
/// `hash_task_floor_bytes`. They read neighbours, which lie side by side in what producers have stored,
/// unless that makes the largest task more than a tenth larger than placing the biggest partitions first,
/// each into the task that has least: O(p log p).
std::vector<std::vector<uint32_t>> PackHashPartitions(const std::vector<uint64_t>& partition_bytes,
                                                      const ClusterShape& cluster, const QueryLimits& limits);

}  // namespace planaria::scheduler
