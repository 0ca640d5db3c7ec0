// A partition is tried once and then at most `task_retry_attempts_per_task` times (`query-retry-attempts`
// under QUERY, never under NONE), not counting runs that failed because a producer's output was lost, runs
// that were given up because another attempt had committed, copies that are started beside a slow one, runs
// that a leaving node handed back or took with it, and runs that the coordinator forgot with its life.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "attempts_bounded"; }

  void Begins(const Clock& clock) override { clock_ = &clock; }
  void QuerySubmitted(const ModelQuery& query) override { limits_[query.id] = query.attempts_allowed(); }
  void TaskReported(const protocol::TaskReport& report) override {
    Attempts& partition = partitions_[PartitionOf(report.task)];
    const bool handed_back = report.error && report.error->code == errors::SERVER_SHUTTING_DOWN;
    const auto running = partition.running.extract(report.task.attempt);
    if (running) partition.unsettled.insert(report.task.attempt);
    // Its node says so by this as well.
    if (running && handed_back) draining_.insert(running.mapped());
    partition.reported = clock_->Now();
    if ((report.lost_producer || handed_back) && excused_.insert(report.task).second) partition.excused++;
  }
  void TaskGivenUp(const TaskId& task) override {
    if (excused_.insert(task).second) partitions_[PartitionOf(task)].excused++;
  }
  void ReportSettled(const TaskId& task) override {
    partitions_[PartitionOf(task)].unsettled.erase(task.attempt);
  }
  void CoordinatorDied() override {
    // Its next life cannot tell whose fault it was that it does not hear of them.
    for (auto& [key, partition] : partitions_) {
      partition.excused += partition.running.size() + partition.unsettled.size() + partition.lost;
      partition.lost = 0;
      // Until a node says otherwise they are believed to run, and may be slow.
      partition.may_be_copied |= !partition.running.empty();
      partition.running.clear();
      partition.unsettled.clear();
    }
  }
  void NodeJoined(const NodeId& node) override { draining_.erase(node); }
  void NodeDraining(const NodeId& node) override { draining_.insert(node); }
  void NodeLost(const NodeId& node) override {
    for (auto& [key, partition] : partitions_) {
      const size_t lost =
          std::erase_if(partition.running, [&](const auto& attempt) { return attempt.second == node; });
      if (lost == 0) continue;
      (draining_.contains(node) ? partition.excused : partition.lost) += lost;
      partition.just_lost = true;
      partition.lost_at = clock_->Now();
    }
  }
  void QueryFailed(const ModelQuery& query, const Error&) override { suspicions_.erase(query.id); }
  void Ended(const WorldEnd&) override {
    for (const auto& [query, how] : suspicions_) Violated(how);
  }
  void TaskStarted(const TaskId& task, const NodeId& node) override {
    auto& partition = partitions_[PartitionOf(task)];
    // A report of this very instant may not have come to the scheduler's ears: its task still counts as slow.
    const bool copy = !partition.running.empty() || partition.reported == clock_->Now() ||
                      std::exchange(partition.may_be_copied, false);
    if (copy) partition.excused++;
    partition.running[task.attempt] = node;
    partition.started++;
    const bool after_loss = std::exchange(partition.just_lost, false);
    if (partition.started <= limits_[task.query] + partition.excused) return;
    const std::string how = fmt::format("{} is attempt number {} of {}, with {} excused", task.ToString(),
                                        partition.started, limits_[task.query], partition.excused);
    // The scheduler may have made a copy in the instant of the loss, before it heard of it; then the loss
    // ends the query, unless the copy goes well.
    if (after_loss && partition.lost_at == clock_->Now()) return;
    if (after_loss) {
      suspicions_.emplace(task.query, how);
    } else {
      Violated(how);
    }
  }

 private:
  using Partition = std::tuple<QueryId, FragmentId, PartitionId>;
  static Partition PartitionOf(const TaskId& task) { return {task.query, task.fragment, task.partition}; }
  struct Attempts {
    uint32_t started = 0;
    size_t excused = 0;
    /// Not heard of since they were started, and where.
    std::map<AttemptId, NodeId> running;
    /// The coordinator died while some ran, and no copy was started since.
    bool may_be_copied = false;
    /// Lost with their nodes, which no journal says.
    size_t lost = 0;
    /// Reported, but not yet durably known to the coordinator.
    std::set<AttemptId> unsettled;
    /// When a report of one of them came last.
    std::optional<Duration> reported;
    /// A node was lost with one of them, and none was started since.
    bool just_lost = false;
    std::optional<Duration> lost_at;
  };

  const Clock* clock_ = nullptr;
  std::map<QueryId, uint32_t> limits_;
  std::map<Partition, Attempts> partitions_;
  std::set<TaskId> excused_;
  std::set<NodeId> draining_;
  std::map<QueryId, std::string> suspicions_;
};

}  // namespace

std::unique_ptr<Invariant> AttemptsBounded() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
