#include "coordinator/spool_ledger.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace planaria::coordinator {

void SpoolLedger::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                        std::function<void(Error)> failed) {
  if (descriptor.retry_policy == protocol::RetryPolicy::kTask && !descriptor.stream) Note(descriptor.task);
  nodes_.Start(node, std::move(descriptor), std::move(failed));
}

void SpoolLedger::Note(const TaskId& task) {
  const std::lock_guard lock(mutex_);
  attempts_[task.query].started.push_back({task.fragment, task.partition, task.attempt});
}

void SpoolLedger::Finished(const TaskId& task, uint64_t written_bytes) {
  const std::lock_guard lock(mutex_);
  const auto known = attempts_.find(task.query);
  if (known == attempts_.end()) return;
  auto& those = written_bytes > 0 ? known->second.finished : known->second.in_reports;
  those.push_back({task.fragment, task.partition, task.attempt});
}

void SpoolLedger::Resumed(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  resumed_.insert(query);
}

std::optional<SpoolLedger::Writers> SpoolLedger::Take(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  auto known = attempts_.extract(query);
  if (resumed_.erase(query) > 0) return std::nullopt;
  Writers writers;
  if (known.empty()) return writers;
  auto& [started, finished, in_reports] = known.mapped();
  for (auto* attempts : {&started, &finished, &in_reports}) std::sort(attempts->begin(), attempts->end());
  const auto without = [](const std::vector<Attempt>& all, const std::vector<Attempt>& some) {
    std::vector<Attempt> others;
    std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(others));
    return others;
  };
  const auto ids = [&](const std::vector<Attempt>& attempts) {
    std::vector<TaskId> tasks;
    for (const Attempt& attempt : attempts) {
      tasks.push_back({query, attempt.fragment, attempt.partition, attempt.attempt});
    }
    return tasks;
  };
  const std::vector<Attempt> all = without(started, in_reports);
  writers.all = ids(all);
  writers.unfinished = ids(without(all, finished));
  return writers;
}

}  // namespace planaria::coordinator
