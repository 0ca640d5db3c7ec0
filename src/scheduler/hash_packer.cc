#include "scheduler/hash_packer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

namespace planaria::scheduler {
namespace {

size_t TaskCount(const std::vector<uint64_t>& partition_bytes, const ClusterShape& cluster,
                 const QueryLimits& limits) {
  const uint64_t total = std::accumulate(partition_bytes.begin(), partition_bytes.end(), uint64_t{0});
  const size_t filled =
      std::count_if(partition_bytes.begin(), partition_bytes.end(), [](uint64_t bytes) { return bytes > 0; });
  const double count = static_cast<double>(total) / HashTaskTarget(total, cluster, limits);
  // A partition is never divided, so more tasks than filled partitions would only add empty ones.
  return std::clamp<size_t>(static_cast<size_t>(std::ceil(count)), 1, std::max<size_t>(1, filled));
}

}  // namespace

double HashTaskTarget(uint64_t total_bytes, const ClusterShape& cluster, const QueryLimits& limits) {
  const double parallelism =
      std::max({1.0, static_cast<double>(cluster.slots), cluster.nodes * limits.hash_task_to_node_min_ratio});
  return std::max({1.0, static_cast<double>(limits.hash_task_floor_bytes),
                   std::min(static_cast<double>(limits.hash_task_target_bytes),
                            static_cast<double>(total_bytes) / parallelism)});
}

std::vector<std::vector<uint32_t>> PackHashPartitions(const std::vector<uint64_t>& partition_bytes,
                                                      const ClusterShape& cluster,
                                                      const QueryLimits& limits) {
  std::vector<uint32_t> biggest_first(partition_bytes.size());
  std::iota(biggest_first.begin(), biggest_first.end(), 0);
  std::stable_sort(biggest_first.begin(), biggest_first.end(),
                   [&](uint32_t a, uint32_t b) { return partition_bytes[a] > partition_bytes[b]; });

  std::vector<std::vector<uint32_t>> tasks(TaskCount(partition_bytes, cluster, limits));
  using Load = std::pair<uint64_t, size_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_loaded;
  for (size_t task = 0; task < tasks.size(); ++task) least_loaded.push({0, task});
  for (const uint32_t partition : biggest_first) {
    const auto [bytes, task] = least_loaded.top();
    least_loaded.pop();
    tasks[task].push_back(partition);
    least_loaded.push({bytes + partition_bytes[partition], task});
  }
  for (std::vector<uint32_t>& task : tasks) std::sort(task.begin(), task.end());
  return tasks;
}

}  // namespace planaria::scheduler
