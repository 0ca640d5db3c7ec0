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

using Tasks = std::vector<std::vector<uint32_t>>;

/// What neighbours may cost in evenness.
constexpr double kUneven = 1.1;

uint64_t Largest(const Tasks& tasks, const std::vector<uint64_t>& bytes) {
  uint64_t largest = 0;
  for (const std::vector<uint32_t>& task : tasks) {
    uint64_t sum = 0;
    for (const uint32_t partition : task) sum += bytes[partition];
    largest = std::max(largest, sum);
  }
  return largest;
}

/// Each partition goes to the task in whose share of the total its middle lies.
Tasks PackNeighbours(const std::vector<uint64_t>& bytes, size_t count) {
  const double total = static_cast<double>(std::accumulate(bytes.begin(), bytes.end(), uint64_t{0}));
  Tasks tasks(count);
  double before = 0;
  size_t task = 0;
  for (uint32_t partition = 0; partition < bytes.size(); ++partition) {
    const double middle = before + static_cast<double>(bytes[partition]) / 2;
    if (total > 0)
      task = std::max(task,
                      std::min(count - 1, static_cast<size_t>(middle * static_cast<double>(count) / total)));
    tasks[task].push_back(partition);
    before += static_cast<double>(bytes[partition]);
  }
  return tasks;
}

Tasks PackBiggestFirst(const std::vector<uint64_t>& bytes, size_t count) {
  std::vector<uint32_t> biggest_first(bytes.size());
  std::iota(biggest_first.begin(), biggest_first.end(), 0);
  std::stable_sort(biggest_first.begin(), biggest_first.end(),
                   [&](uint32_t a, uint32_t b) { return bytes[a] > bytes[b]; });
  Tasks tasks(count);
  using Load = std::pair<uint64_t, size_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_loaded;
  for (size_t task = 0; task < tasks.size(); ++task) least_loaded.push({0, task});
  for (const uint32_t partition : biggest_first) {
    const auto [load, task] = least_loaded.top();
    least_loaded.pop();
    tasks[task].push_back(partition);
    least_loaded.push({load + bytes[partition], task});
  }
  for (std::vector<uint32_t>& task : tasks) std::sort(task.begin(), task.end());
  return tasks;
}

}  // namespace

double HashTaskTarget(uint64_t total_bytes, const ClusterShape& cluster, const QueryLimits& limits) {
  const double parallelism = std::max(1.0, cluster.nodes * limits.hash_task_to_node_min_ratio);
  return std::max({1.0, static_cast<double>(limits.hash_task_floor_bytes),
                   std::min(static_cast<double>(limits.hash_task_target_bytes),
                            static_cast<double>(total_bytes) / parallelism)});
}

std::vector<std::vector<uint32_t>> PackHashPartitions(const std::vector<uint64_t>& partition_bytes,
                                                      const ClusterShape& cluster,
                                                      const QueryLimits& limits) {
  const size_t count = TaskCount(partition_bytes, cluster, limits);
  Tasks even = PackBiggestFirst(partition_bytes, count);
  Tasks neighbours = PackNeighbours(partition_bytes, count);
  const bool empty_ones =
      std::any_of(neighbours.begin(), neighbours.end(), [](const auto& task) { return task.empty(); });
  const double allowed = kUneven * static_cast<double>(Largest(even, partition_bytes));
  if (empty_ones || static_cast<double>(Largest(neighbours, partition_bytes)) > allowed) return even;
  return neighbours;
}

}  // namespace planaria::scheduler
