// A partition is tried once and then at most `task_retry_attempts_per_task` times, not counting runs that
// failed because a producer's output was lost.
#include <map>
#include <set>

#include <fmt/format.h>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "attempts_bounded"; }

  void QuerySubmitted(const ModelQuery& query) override {
    limits_[query.id] = 1 + query.execution.plan.limits.task_retry_attempts;
  }
  void TaskReported(const protocol::TaskReport& report) override {
    if (report.lost_producer && reported_.insert(report.task).second)
      partitions_[PartitionOf(report.task)].excused++;
  }
  void TaskStarted(const TaskId& task, const NodeId&) override {
    auto& partition = partitions_[PartitionOf(task)];
    partition.started++;
    if (partition.started > limits_[task.query] + partition.excused) {
      Violated(fmt::format("{} is attempt number {} of {}, with {} excused", task.ToString(),
                           partition.started, limits_[task.query], partition.excused));
    }
  }

 private:
  using Partition = std::tuple<QueryId, FragmentId, PartitionId>;
  static Partition PartitionOf(const TaskId& task) { return {task.query, task.fragment, task.partition}; }
  struct Attempts {
    uint32_t started = 0;
    uint32_t excused = 0;
  };

  std::map<QueryId, uint32_t> limits_;
  std::map<Partition, Attempts> partitions_;
  std::set<TaskId> reported_;
};

}  // namespace

std::unique_ptr<Invariant> AttemptsBounded() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
