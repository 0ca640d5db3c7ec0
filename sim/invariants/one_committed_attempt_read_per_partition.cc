// Every reader reads one attempt of every partition of its producer, one that finished, also when it is
// brought its inputs bit by bit; or one whose output is being stored, but then it does not count before that
// is. All readers that one life of the coordinator has started read the same
// one, until it is found lost. From then on none that starts is given it. What a life knows of those before
// it is a part only, so that they may have read others; but of all that went into a result no two have.
#include <map>
#include <set>

#include "coordinator/object_journal.h"
#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "one_committed_attempt_read_per_partition"; }

  void Begins(const Clock& clock) override { clock_ = &clock; }
  void TaskOffers(const TaskId& task) override { offered_.insert(task); }
  void TaskEnded(const protocol::TaskReport& report) override {
    if (report.state == protocol::TaskState::kFinished) finished_.insert(report.task);
  }
  void TaskStarted(const TaskId& task, const NodeId&) override { started_[task] = clock_->Now(); }
  void TaskReported(const protocol::TaskReport& report) override {
    if (report.lost_producer) lost_.insert(*report.lost_producer);
    if (report.state == protocol::TaskState::kFinished) known_.insert(report.task);
  }
  void TaskReads(const TaskId& reader, uint32_t input, const std::vector<TaskId>& producers) override {
    std::set<PartitionId> partitions;
    for (const TaskId& producer : producers) {
      if (!partitions.insert(producer.partition).second)
        Violated(reader.ToString() + " reads partition of " + producer.ToString() + " twice");
      if (!finished_.contains(producer) && !offered_.contains(producer))
        Violated(reader.ToString() + " reads " + producer.ToString() + ", which has not finished");
      // What it is brought may come twice, but not from another attempt.
      const TaskId& given = given_.try_emplace({reader, input, producer.partition}, producer).first->second;
      if (given != producer)
        Violated(reader.ToString() + " is given " + producer.ToString() + " after " + given.ToString());
      const uint32_t life = reader.attempt.value / coordinator::kAttemptsPerStart;
      const auto replaced = superseded_.find({life, producer});
      if (replaced != superseded_.end() && replaced->second < started_[reader])
        Violated(reader.ToString() + " is given " + producer.ToString() + ", which others had replaced");
      // It may not become the one that counts.
      if (!known_.contains(producer)) continue;
      TaskId& read = read_.try_emplace({life, PartitionOf(producer)}, producer).first->second;
      if (read != producer && !superseded_.contains({life, producer})) {
        // A request may have been on its way while the loss became known.
        if (!lost_.contains(read))
          Violated(reader.ToString() + " reads " + producer.ToString() + " though " + read.ToString() +
                   " is committed and was not lost");
        superseded_[{life, read}] = clock_->Now();
        read = producer;
      }
    }
    // How many partitions there are is no matter of numbers: a divided task's own partition is retired. A
    // missing one shows in the answer.
  }
  void ResultReads(const ModelQuery&, const std::vector<TaskId>& producers) override {
    std::map<Partition, TaskId> read;
    std::set<TaskId> seen;
    for (const TaskId& producer : producers) Follow(producer, read, seen);
  }

 private:
  using Partition = std::tuple<QueryId, FragmentId, PartitionId>;
  static Partition PartitionOf(const TaskId& task) { return {task.query, task.fragment, task.partition}; }

  /// Through everything that went into an output.
  void Follow(const TaskId& task, std::map<Partition, TaskId>& read, std::set<TaskId>& seen) {
    if (!seen.insert(task).second) return;
    if (!known_.contains(task)) Violated(task.ToString() + " went into a result, and was offered only");
    const TaskId& other = read.try_emplace(PartitionOf(task), task).first->second;
    if (other != task && !lost_.contains(other) && !lost_.contains(task))
      Violated(task.ToString() + " and " + other.ToString() + " have both gone into one result");
    for (auto input = given_.lower_bound({task, 0, {}}); input != given_.end(); ++input) {
      if (std::get<0>(input->first) != task) break;
      Follow(input->second, read, seen);
    }
  }

  const Clock* clock_ = nullptr;
  std::map<TaskId, Duration> started_;
  std::set<TaskId> finished_;
  std::set<TaskId> offered_;
  /// Finished, as the coordinator knows.
  std::set<TaskId> known_;
  std::set<TaskId> lost_;
  /// Attempts that readers of a life had another one for, and since when: the next life may not know of the
  /// losses, and a request of the former may reach a frozen node long after its coordinator died.
  std::map<std::pair<uint32_t, TaskId>, Duration> superseded_;
  /// By reader and input.
  std::map<std::tuple<TaskId, uint32_t, PartitionId>, TaskId> given_;
  /// By the life of the reader.
  std::map<std::pair<uint32_t, Partition>, TaskId> read_;
};

}  // namespace

std::unique_ptr<Invariant> OneCommittedAttemptReadPerPartition() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
