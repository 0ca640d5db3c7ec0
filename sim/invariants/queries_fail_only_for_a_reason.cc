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
    // A run that streams ends all the same.
    const bool handed_back = report.error && report.error->code == errors::SERVER_SHUTTING_DOWN;
    if (handed_back && durable_.contains(report.task.query))
      tried_[report.task.query][{report.task.fragment, report.task.partition}].erase(report.task.attempt);
  }
  void QueryFailed(const ModelQuery& query, const Error& error) override {
    failed_.emplace(query.id, error.message);
    if (error.code == errors::USER_CANCELED) {
      if (!cancelled_.contains(query.id)) Violated(query.id.value + " is canceled by nobody");
    } else if (!error.retriable()) {
      if (!query.poisoned) Violated(query.id.value + " has no user error and fails with " + error.ToString());
    } else if (MayTryAgain(query, error)) {
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
    (query.durable() ? damaged_ : not_held_).insert(query.id.value + " cannot be read: " + error.ToString());
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
    const bool may_be_damaged =
        struck({FaultKind::kReadError, FaultKind::kTorn, FaultKind::kCorrupt, FaultKind::kVanish});
    if (!may_be_damaged) {
      for (const std::string& how : damaged_) Violated(how);
    }
    // Rows that are held until their run has ended go to the store too.
    if (!may_be_damaged && !struck({FaultKind::kWriteError, FaultKind::kFullStore})) {
      for (const std::string& how : not_held_) Violated(how);
    }
  }

 private:
  bool MayTryAgain(const ModelQuery& query, const Error& error) {
    using scheduler::RetryPolicy;
    const size_t tried = MostTried(query.id);
    const auto& limits = query.execution.plan.limits;
    switch (query.execution.plan.retry_policy) {
      case RetryPolicy::kNone:
        return tried == 0;
      case RetryPolicy::kQuery:
        // The whole again would only lack the same memory again.
        return tried <= limits.query_retry_attempts && error.code.type != ErrorType::kInsufficientResources;
      case RetryPolicy::kTask:
      case RetryPolicy::kAuto:
        break;
    }
    return tried <= limits.task_retry_attempts;
  }
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
  std::set<std::string> not_held_;
};

}  // namespace

std::unique_ptr<Invariant> QueriesFailOnlyForAReason() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
