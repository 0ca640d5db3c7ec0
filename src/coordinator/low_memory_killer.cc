#include "coordinator/low_memory_killer.h"

#include <algorithm>
#include <map>

namespace planaria::coordinator {

namespace {

constexpr Duration kShortestRun = std::chrono::seconds(30);

/// What makes a task the one to end: the most of it.
double WeightOf(TaskKillerPolicy policy, const TaskReservation& task) {
  const auto bytes = static_cast<double>(task.bytes);
  if (policy != TaskKillerPolicy::kLeastWaste) return bytes;
  return bytes / std::chrono::duration<double>(std::max(task.run, kShortestRun)).count();
}

std::optional<TaskId> ChooseOn(TaskKillerPolicy policy, const NodeMemory& node,
                               const std::set<QueryId>& retried) {
  const TaskReservation* chosen = nullptr;
  for (const TaskReservation& task : node.tasks) {
    if (task.bytes == 0 || !retried.contains(task.task.query)) continue;
    const bool better = !chosen || (task.speculative == chosen->speculative
                                        ? WeightOf(policy, task) > WeightOf(policy, *chosen)
                                        : task.speculative);
    if (better) chosen = &task;
  }
  return chosen ? std::optional(chosen->task) : std::nullopt;
}

}  // namespace

std::set<TaskId> ChooseTasks(TaskKillerPolicy policy, const std::vector<NodeMemory>& nodes,
                             const std::set<QueryId>& retried) {
  std::set<TaskId> chosen;
  if (policy == TaskKillerPolicy::kNone) return chosen;
  for (const NodeMemory& node : nodes) {
    if (!node.blocked) continue;
    if (const auto task = ChooseOn(policy, node, retried)) chosen.insert(*task);
  }
  return chosen;
}

std::optional<QueryId> ChooseQuery(QueryKillerPolicy policy, const std::vector<NodeMemory>& nodes,
                                   const std::set<QueryId>& retried) {
  const bool blocked = std::any_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.blocked; });
  if (policy == QueryKillerPolicy::kNone || !blocked) return std::nullopt;
  std::map<QueryId, uint64_t> held;
  for (const NodeMemory& node : nodes) {
    if (policy == QueryKillerPolicy::kTotalReservationOnBlockedNodes && !node.blocked) continue;
    for (const TaskReservation& task : node.tasks) {
      if (task.bytes > 0 && !retried.contains(task.task.query)) held[task.task.query] += task.bytes;
    }
  }
  const auto most = std::max_element(held.begin(), held.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == held.end() ? std::nullopt : std::optional(most->first);
}

}  // namespace planaria::coordinator
