// A query that fails was cancelled, has a user error, or has a partition that was tried as often as allowed.
// A client is told nothing but this; that its answer is damaged, if something was; or that the coordinator
// was restarted, if it was and could not have gone on with the query.
#include <algorithm>
#include <map>
#include <set>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "queries_fail_only_for_a_reason"; }

  void QueryCancelled(const ModelQuery& query) override { cancelled_.insert(query.id); }
  void QueryDurable(const ModelQuery& query) override { durable_.insert(query.id); }
  void QueryDropped(const ModelQuery& query) override { dropped_.insert(query.id); }
  void CoordinatorDied() override { deaths_++; }
  void TaskStarted(const TaskId& task, const NodeId&) override {
    // A start that was never sent is made again under its number.
    tried_[task.query][{task.fragment, task.partition}].insert(task.attempt);
  }
  void TaskReported(const protocol::TaskReport& report) override {
    // Leaving is no failure.
    const bool handed_back = report.error && report.error->code == errors::SERVER_SHUTTING_DOWN;
    if (handed_back)
      tried_[report.task.query][{report.task.fragment, report.task.partition}].erase(report.task.attempt);
  }
  void QueryFailed(const ModelQuery& query, const Error& error) override {
    failed_.emplace(query.id, error.message);
    if (error.code == errors::USER_CANCELED) {
      if (!cancelled_.contains(query.id)) Violated(query.id.value + " is canceled by nobody");
    } else if (!error.retriable()) {
      if (!query.poisoned) Violated(query.id.value + " has no user error and fails with " + error.ToString());
    } else if (MostTried(query.id) <= query.execution.plan.limits.task_retry_attempts) {
      Violated(query.id.value + " fails with attempts to spare: " + error.ToString());
    }
  }
  void QueryUnknown(const ModelQuery& query) override {
    unknown_.insert(query.id);
    if (dropped_.contains(query.id)) return;
    if (deaths_ == 0) {
      Violated(query.id.value + " was forgotten by a coordinator that lives");
    } else if (durable_.contains(query.id)) {
      without_journal_.insert(query.id.value + " was durable, and lost in a restart");
    }
  }
  void ResultLost(const ModelQuery& query, const Error& error) override {
    if (unknown_.contains(query.id) || failed_.contains({query.id, error.message})) return;
    damaged_.insert(query.id.value + " cannot be read: " + error.ToString());
  }
  void Ended(const WorldEnd& end) override {
    const auto struck = [&](std::initializer_list<FaultKind> kinds) {
      return std::any_of(kinds.begin(), kinds.end(),
                         [&](FaultKind kind) { return end.faults[static_cast<size_t>(kind)] > 0; });
    };
    // A journal that cannot be written is given up.
    if (!struck({FaultKind::kWriteError, FaultKind::kFullStore})) {
      for (const std::string& how : without_journal_) Violated(how);
    }
    if (!struck({FaultKind::kReadError, FaultKind::kTorn, FaultKind::kCorrupt, FaultKind::kVanish})) {
      for (const std::string& how : damaged_) Violated(how);
    }
  }

 private:
  size_t MostTried(const QueryId& query) {
    size_t most = 0;
    for (const auto& [partition, attempts] : tried_[query]) most = std::max(most, attempts.size());
    return most;
  }

  std::set<QueryId> cancelled_;
  std::set<QueryId> durable_;
  std::set<QueryId> dropped_;
  std::set<QueryId> unknown_;
  std::set<std::pair<QueryId, std::string>> failed_;
  std::map<QueryId, std::map<std::pair<FragmentId, PartitionId>, std::set<AttemptId>>> tried_;
  size_t deaths_ = 0;
  /// Suspicions, until it is known which faults struck.
  std::set<std::string> without_journal_;
  std::set<std::string> damaged_;
};

}  // namespace

std::unique_ptr<Invariant> QueriesFailOnlyForAReason() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
