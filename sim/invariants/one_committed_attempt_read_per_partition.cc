// Every reader reads one attempt of every partition of its producer, one that finished; and all readers read
// the same one, until it is found lost.
#include <map>
#include <set>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "one_committed_attempt_read_per_partition"; }

  void TaskEnded(const protocol::TaskReport& report) override {
    if (report.state == protocol::TaskState::kFinished) finished_.insert(report.task);
  }
  void TaskReported(const protocol::TaskReport& report) override {
    if (report.lost_producer) lost_.insert(*report.lost_producer);
  }
  void TaskReads(const TaskId& reader, const std::vector<TaskId>& producers) override {
    std::set<PartitionId> partitions;
    for (const TaskId& producer : producers) {
      if (!partitions.insert(producer.partition).second)
        Violated(reader.ToString() + " reads partition of " + producer.ToString() + " twice");
      if (!finished_.contains(producer))
        Violated(reader.ToString() + " reads " + producer.ToString() + ", which has not finished");
      TaskId& read = read_.try_emplace(PartitionOf(producer), producer).first->second;
      if (read != producer) {
        // A request may have been on its way while the loss became known; going back is never right.
        if (!lost_.contains(read) && !superseded_.contains(producer))
          Violated(reader.ToString() + " reads " + producer.ToString() + " though " + read.ToString() +
                   " is committed and was not lost");
        if (!superseded_.contains(producer)) {
          superseded_.insert(read);
          read = producer;
        }
      }
    }
    // How many partitions there are is no matter of numbers: a divided task's own partition is retired. A
    // missing one shows in the answer.
  }

 private:
  using Partition = std::tuple<QueryId, FragmentId, PartitionId>;
  static Partition PartitionOf(const TaskId& task) { return {task.query, task.fragment, task.partition}; }

  std::set<TaskId> finished_;
  std::set<TaskId> lost_;
  std::set<TaskId> superseded_;
  std::map<Partition, TaskId> read_;
};

}  // namespace

std::unique_ptr<Invariant> OneCommittedAttemptReadPerPartition() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
