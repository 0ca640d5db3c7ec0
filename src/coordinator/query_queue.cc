#include "coordinator/query_queue.h"

#include <vector>

#include "base/error.h"

namespace planaria::coordinator {

QueryQueue::QueryQueue(size_t most_running, size_t most_waiting)
    : most_running_(most_running), most_waiting_(most_waiting) {}

void QueryQueue::Enter(const QueryId& query, std::function<void()> start) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (running_.size() >= most_running_) {
      if (waiting_.size() >= most_waiting_)
        throw TrinoException(errors::QUERY_QUEUE_FULL, "Too many queued queries for \"global\"");
      waiting_.emplace_back(query, std::move(start));
      return;
    }
    running_.insert(query);
  }
  start();
}

void QueryQueue::Runs(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  running_.insert(query);
}

void QueryQueue::Leave(const QueryId& query) {
  std::vector<std::function<void()>> next;
  {
    const std::lock_guard lock(mutex_);
    if (running_.erase(query) == 0)
      std::erase_if(waiting_, [&](const auto& waiting) { return waiting.first == query; });
    while (!closed_ && !waiting_.empty() && running_.size() < most_running_) {
      running_.insert(waiting_.front().first);
      next.push_back(std::move(waiting_.front().second));
      waiting_.pop_front();
    }
  }
  for (const auto& start : next) start();
}

void QueryQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
}

}  // namespace planaria::coordinator
