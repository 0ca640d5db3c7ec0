#include "coordinator/spool_ledger.h"

#include <utility>

namespace planaria::coordinator {

void SpoolLedger::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                        std::function<void(Error)> failed) {
  if (descriptor.retry_policy == protocol::RetryPolicy::kTask && !descriptor.stream) Note(descriptor.task);
  nodes_.Start(node, std::move(descriptor), std::move(failed));
}

void SpoolLedger::Note(const TaskId& task) {
  const std::lock_guard lock(mutex_);
  attempts_[task.query].push_back({task.fragment, task.partition, task.attempt});
}

void SpoolLedger::Resumed(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  resumed_.insert(query);
}

std::optional<std::vector<TaskId>> SpoolLedger::Take(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  const auto known = attempts_.extract(query);
  if (resumed_.erase(query) > 0) return std::nullopt;
  std::vector<TaskId> tasks;
  if (known.empty()) return tasks;
  for (const Attempt& attempt : known.mapped()) {
    tasks.push_back({query, attempt.fragment, attempt.partition, attempt.attempt});
  }
  return tasks;
}

}  // namespace planaria::coordinator
