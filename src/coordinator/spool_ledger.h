// Remembers which attempts may have written to the exchange, so that their objects can be deleted by name:
// looking for them would cost requests where the exchange is an object store.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "coordinator/task_client.h"

namespace planaria::coordinator {

/// In front of the client that reaches the nodes. Thread-safe as far as that client is.
class SpoolLedger final : public TaskClient {
 public:
  /// `nodes` outlives it, and may be constructed later.
  explicit SpoolLedger(TaskClient& nodes) : nodes_(nodes) {}

  void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
             std::function<void(Error)> failed) override;
  void AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                 std::function<void(Error)> failed) override {
    nodes_.AddInputs(node, std::move(message), std::move(failed));
  }
  void Cancel(const NodeId& node, const TaskId& task) override { nodes_.Cancel(node, task); }
  void DeleteOutputs(const QueryId& query) override { nodes_.DeleteOutputs(query); }

  /// `task` may write an object without being started through here.
  void Note(const TaskId& task);
  /// The attempt has ended well and spooled so much.
  void Finished(const TaskId& task, uint64_t written_bytes);
  /// An earlier start of this coordinator has begun the query: its attempts are not known.
  void Resumed(const QueryId& query);
  struct Writers {
    /// Those whose objects may be there.
    std::vector<TaskId> all;
    /// Those among them that may still be writing.
    std::vector<TaskId> unfinished;
  };
  /// The query's attempts that have not been taken yet; nothing when there are others too.
  std::optional<Writers> Take(const QueryId& query);

 private:
  struct Attempt {
    FragmentId fragment;
    PartitionId partition;
    AttemptId attempt;
    auto operator<=>(const Attempt&) const = default;
  };
  struct Attempts {
    std::vector<Attempt> started;
    std::vector<Attempt> finished;
    /// And wrote nothing.
    std::vector<Attempt> in_reports;
  };

  TaskClient& nodes_;
  std::mutex mutex_;
  std::map<QueryId, Attempts> attempts_;
  std::set<QueryId> resumed_;
};

}  // namespace planaria::coordinator
