// A USER_ERROR that the coordinator heard of, and has not forgotten with its life, ends its query: the task
// never runs again.
#include <set>
#include <tuple>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "user_errors_never_retried"; }

  void TaskStarted(const TaskId& task, const NodeId&) override {
    if (ended_.contains(task.query)) Violated(task.ToString() + " is started after the end of its query");
    if (failed_.contains(PartitionOf(task)))
      Violated(task.ToString() + " is started after a user error of an earlier attempt");
  }
  void TaskReported(const protocol::TaskReport& report) override {
    // A cancelled task says USER_CANCELED; it was the coordinator that did it.
    if (!report.error || report.error->retriable() || report.error->code == errors::USER_CANCELED) return;
    failed_.insert(PartitionOf(report.task));
  }
  void ReportSettled(const TaskId& task) override { settled_.insert(PartitionOf(task)); }
  // What it had heard and not written down it has forgotten.
  void CoordinatorDied() override {
    ended_.clear();
    std::erase_if(failed_, [&](const auto& partition) { return !settled_.contains(partition); });
  }
  void QueryFailed(const ModelQuery& query, const Error&) override { ended_.insert(query.id); }
  void QueryFinished(const ModelQuery& query) override { ended_.insert(query.id); }

 private:
  using Partition = std::tuple<QueryId, FragmentId, PartitionId>;
  static Partition PartitionOf(const TaskId& task) { return {task.query, task.fragment, task.partition}; }

  std::set<Partition> failed_;
  std::set<Partition> settled_;
  std::set<QueryId> ended_;
};

}  // namespace

std::unique_ptr<Invariant> UserErrorsNeverRetried() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
