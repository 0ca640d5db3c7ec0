#include "scheduler/hash_cutter.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace planaria::scheduler {
namespace {

QueryLimits WriterLimits(QueryLimits limits) {
  limits.hash_task_target_bytes = limits.hash_write_task_target_bytes;
  return limits;
}

/// The tasks that share a partition of `total` bytes; empty when it stays whole.
std::vector<TaskWork> ShareOf(uint32_t partition, uint64_t total, uint64_t target,
                              const std::vector<HashInput>& inputs) {
  std::vector<TaskWork> tasks;
  if (total <= 2 * target) return tasks;
  for (const HashInput& input : inputs) {
    const uint64_t bytes = input.partition_bytes[partition];
    const uint64_t pieces = std::min<uint64_t>(input.producer_tasks, (bytes + target - 1) / target);
    if (!input.splittable || pieces < 2 || (total - bytes) > target / 4) continue;
    for (uint32_t piece = 0; piece < pieces; ++piece) {
      tasks.push_back({{}, {partition}, InputSlice{input.position, piece, static_cast<uint32_t>(pieces)}});
    }
    break;
  }
  return tasks;
}

}  // namespace

std::vector<TaskWork> CutHashTasks(const std::vector<HashInput>& inputs, const ClusterShape& cluster,
                                   const QueryLimits& plain_limits, bool writes) {
  const QueryLimits limits = writes ? WriterLimits(plain_limits) : plain_limits;
  std::vector<uint64_t> bytes;
  for (const HashInput& input : inputs) {
    bytes.resize(input.partition_bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] += input.partition_bytes[i];
  }
  const uint64_t total = std::accumulate(bytes.begin(), bytes.end(), uint64_t{0});
  const auto target = static_cast<uint64_t>(HashTaskTarget(total, cluster, limits));
  std::vector<TaskWork> tasks;
  std::vector<bool> taken(bytes.size());
  for (uint32_t partition = 0; partition < bytes.size(); ++partition) {
    std::vector<TaskWork> share = ShareOf(partition, bytes[partition], target, inputs);
    const bool alone = writes && bytes[partition] > 0 && total > limits.hash_task_floor_bytes;
    if (share.empty() && alone) share.push_back({{}, {partition}, {}});
    if (share.empty()) continue;
    taken[partition] = true;
    bytes[partition] = 0;
    tasks.insert(tasks.end(), share.begin(), share.end());
  }
  const bool nothing_left =
      !tasks.empty() && std::all_of(taken.begin(), taken.end(), [](bool is) { return is; });
  if (nothing_left) return tasks;
  for (std::vector<uint32_t>& reads : PackHashPartitions(bytes, cluster, limits)) {
    std::erase_if(reads, [&](uint32_t partition) { return taken[partition]; });
    if (!reads.empty()) tasks.push_back({{}, std::move(reads), {}});
  }
  return tasks;
}

}  // namespace planaria::scheduler
