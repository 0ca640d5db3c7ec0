// How a coordinator ends queries that pass their limits, and who has to end where memory is short.
#include <spdlog/spdlog.h>

#include "coordinator/coordinator.h"
#include "coordinator/low_memory_killer.h"

namespace planaria::coordinator {

namespace {

/// Limits are passed by so much at most, and by what nodes take to tell what their tasks use.
constexpr auto kInterval = std::chrono::milliseconds(500);

/// Under TASK a query may be larger than memory: its tasks come one after another.
bool HasMemoryLimits(RetryPolicy policy) {
  return policy == RetryPolicy::kNone || policy == RetryPolicy::kQuery;
}

}  // namespace

void Coordinator::WatchLimits() {
  parts_.loop->RunAfter(kInterval, [this, gate = gate_] {
    gate->Pass([this] {
      EnforceLimits();
      WatchLimits();
    });
  });
}

void Coordinator::EnforceLimits() {
  std::vector<ActiveQuery> active;
  std::map<NodeId, protocol::NodeUsage> usages;
  {
    const std::lock_guard lock(mutex_);
    if (active_.empty()) return;
    for (const auto& [id, query] : active_) active.push_back(query);
    usages = usages_;
  }
  std::map<QueryId, HeldMemory> held;
  for (const auto& [node, usage] : usages) {
    for (const auto& task : usage.tasks) held[task.task.query][node] += task.memory_bytes;
  }
  const QuerySettings& server = parts_.config->server.query;
  bool ended = false;
  for (const ActiveQuery& one : active) {
    const HeldMemory& memory = held[one.query->id()];
    uint64_t sum = 0;
    for (const auto& [node, bytes] : memory) sum += bytes;
    one.query->Holds(sum);
    auto exceeded = FindExceeded(one.query->Consumption(), one.settings.limits, server.limits);
    if (!exceeded && HasMemoryLimits(one.settings.retry.policy)) {
      exceeded = FindExceeded(
          memory, MemoryLimitsOf(one.settings.memory, server.memory, DataSize{parts_.heap_bytes}));
    }
    if (!exceeded) continue;
    one.query->Cancel(*exceeded);
    ended = true;
  }
  // What has just been ended may be what the nodes lack.
  if (!ended) MakeRoom(active, usages);
  usage_->Ask();
}

void Coordinator::MakeRoom(const std::vector<ActiveQuery>& active,
                           const std::map<NodeId, protocol::NodeUsage>& usages) {
  bool blocked = false;
  for (const auto& [node, usage] : usages) {
    blocked = blocked || usage.waiting_for_memory > 0;
    for (const auto& task : usage.tasks) {
      // One after the other: the last one's memory may be enough.
      if (killed_.contains(task.task)) return;
    }
  }
  killed_.clear();
  if (!blocked) return;

  std::set<QueryId> retried;
  std::set<TaskId> copies;
  std::map<QueryId, std::shared_ptr<Query>> queries;
  for (const ActiveQuery& one : active) {
    queries[one.query->id()] = one.query;
    if (HasMemoryLimits(one.settings.retry.policy)) continue;
    retried.insert(one.query->id());
    std::set<std::pair<FragmentId, PartitionId>> running;
    for (const auto& attempt : driver_.Attempts(one.query->id())) {
      if (attempt.state != scheduler::AttemptState::kRunning) continue;
      if (!running.emplace(attempt.task.fragment, attempt.task.partition).second) copies.insert(attempt.task);
    }
  }
  std::vector<NodeMemory> nodes;
  for (const auto& [node, usage] : usages) {
    NodeMemory& memory = nodes.emplace_back();
    memory.blocked = usage.waiting_for_memory > 0;
    for (const auto& task : usage.tasks) {
      memory.tasks.push_back(
          {task.task, task.memory_bytes, Duration(task.wall_nanos), copies.contains(task.task)});
    }
  }
  const auto tasks = ChooseTasks(parts_.config->server.task_killer_policy, nodes, retried);
  const auto query =
      tasks.empty() ? ChooseQuery(parts_.config->server.query_killer_policy, nodes, retried) : std::nullopt;
  for (const auto& [node, usage] : usages) {
    for (const auto& task : usage.tasks) {
      if (query && task.task.query == *query) killed_.insert(task.task);
      if (!tasks.contains(task.task)) continue;
      killed_.insert(task.task);
      spdlog::info("kills task {}: node {} is out of memory", task.task.ToString(), node.value);
      driver_.FailTask(
          task.task, node,
          {errors::CLUSTER_OUT_OF_MEMORY, "Task killed because the cluster is out of memory.", {}, {}},
          task.memory_bytes);
    }
  }
  const auto found = query ? queries.find(*query) : queries.end();
  if (found == queries.end()) return;
  spdlog::info("kills query {}: the cluster is out of memory", query->value);
  found->second->Cancel(
      {errors::CLUSTER_OUT_OF_MEMORY,
       "Query killed because the cluster is out of memory. Please try again in a few minutes.",
       {},
       {}});
}

void Coordinator::NodeUses(const NodeId& node, const protocol::NodeUsage& usage) {
  {
    const std::lock_guard lock(mutex_);
    usages_[node] = usage;
  }
  for (const protocol::TaskUsage& task : usage.tasks) {
    if (const auto query = FindQuery(task.task.query)) query->TaskUses(task);
  }
}

}  // namespace planaria::coordinator
