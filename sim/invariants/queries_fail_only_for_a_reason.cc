// A query that fails was cancelled, has a user error, or has a partition that was tried as often as allowed.
#include <map>
#include <set>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "queries_fail_only_for_a_reason"; }

  void QueryCancelled(const ModelQuery& query) override { cancelled_.insert(query.id); }
  void TaskStarted(const TaskId& task, const NodeId&) override {
    most_attempts_[task.query] = std::max(most_attempts_[task.query], task.attempt.value + 1);
  }
  void QueryFailed(const ModelQuery& query, const Error& error) override {
    if (error.code == errors::USER_CANCELED) {
      if (!cancelled_.contains(query.id)) Violated(query.id.value + " is canceled by nobody");
    } else if (!error.retriable()) {
      if (!query.poisoned) Violated(query.id.value + " has no user error and fails with " + error.ToString());
    } else if (most_attempts_[query.id] <= query.execution.plan.limits.task_retry_attempts) {
      Violated(query.id.value + " fails with attempts to spare: " + error.ToString());
    }
  }

 private:
  std::set<QueryId> cancelled_;
  std::map<QueryId, uint32_t> most_attempts_;
};

}  // namespace

std::unique_ptr<Invariant> QueriesFailOnlyForAReason() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
