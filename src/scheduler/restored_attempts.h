// Attempts from before a restart of the coordinator, until their node says that it still runs them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scheduler/node_pool.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

class RestoredAttempts {
 public:
  /// Its node has until `due` to join.
  void Add(NodeIndex node, const TaskRef& task, TimePoint due) {
    const auto [entry, fresh] = nodes_.try_emplace(node, Waiting{due, false, {}});
    entry->second.tasks.insert(task);
    if (fresh) due_.emplace(due, node);
  }

  /// The node is there and has until `due` to adopt its tasks: those that nobody has adopted yet. Nothing
  /// when it has joined before.
  std::vector<TaskRef> Joined(NodeIndex node, TimePoint due) {
    const auto entry = nodes_.find(node);
    if (entry == nodes_.end() || entry->second.joined) return {};
    due_.erase({entry->second.due, node});
    entry->second.due = due;
    entry->second.joined = true;
    due_.emplace(due, node);
    return {entry->second.tasks.begin(), entry->second.tasks.end()};
  }

  void Adopt(NodeIndex node, const TaskRef& task) {
    if (const auto entry = nodes_.find(node); entry != nodes_.end()) entry->second.tasks.erase(task);
  }

  std::optional<TimePoint> due() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
  }
  /// Attempts whose node has not adopted them in time; some may have ended meanwhile.
  std::vector<TaskRef> TakeOverdue(TimePoint now) {
    std::vector<TaskRef> overdue;
    while (!due_.empty() && due_.begin()->first <= now) {
      const auto node = nodes_.extract(due_.begin()->second);
      due_.erase(due_.begin());
      overdue.insert(overdue.end(), node.mapped().tasks.begin(), node.mapped().tasks.end());
    }
    return overdue;
  }

 private:
  struct Waiting {
    TimePoint due;
    bool joined;
    std::set<TaskRef> tasks;
  };
  std::map<NodeIndex, Waiting> nodes_;
  std::set<std::pair<TimePoint, NodeIndex>> due_;
};

}  // namespace planaria::scheduler
