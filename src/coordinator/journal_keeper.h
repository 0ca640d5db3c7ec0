// Keeps the journal ahead of what happens: between the execution driver and the nodes.
//
// Of a journaled query no task is sent before its start is durable, and with it everything that led to it:
// plan, cuts, committed outputs. So a later start of the coordinator never knows less than the nodes do, and
// no attempt number is used twice.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "coordinator/journal.h"
#include "coordinator/task_client.h"
#include "env/executor.h"

namespace planaria::coordinator {

/// Any thread; the functions of TaskClient on the driver's executor.
class JournalKeeper final : public TaskClient {
 public:
  /// `journal` may be null: then nothing is kept and everything passes at once. All outlive this, and the
  /// journal calls nobody any more when this goes. `executor` is the driver's.
  JournalKeeper(Journal* journal, Executor& executor, TaskClient& nodes)
      : journal_(journal), executor_(executor), nodes_(nodes) {}

  /// Begins the journal of a query, before the driver knows it.
  void Begin(const QueryId& query, std::string plan);
  /// Knows a journal that an earlier start began; goes on with it if the query runs.
  void Resume(const QueryId& query, bool runs);
  bool Keeps(const QueryId& query) const;
  void Cut(const scheduler::StageCut& cut);
  void Choice(const scheduler::ChoiceMade& choice);
  /// A final report, before it takes effect. `settled` is called, on any thread, once it is durable: the
  /// node may forget it.
  void Report(const protocol::TaskReport& report, std::function<void()> settled);
  /// What the attempt reports from now on has no effect, nor for a later start.
  void GiveUp(const TaskId& task);
  /// Calls `fn`, here or later on the executor, when everything so far is durable.
  void WhenDurable(const QueryId& query, std::function<void()> fn);
  /// The query has ended; its journal says so until Drop.
  void End(const QueryId& query, std::optional<Error> error);
  void Drop(const QueryId& query);

  void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
             std::function<void(Error)> failed) override;
  void AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                 std::function<void(Error)> failed) override;
  void Cancel(const NodeId& node, const TaskId& task) override;
  void DeleteOutputs(const QueryId& query) override;

 private:
  struct Held {
    NodeId node;
    protocol::TaskDescriptor descriptor;
    std::function<void(Error)> failed;
  };
  void Send(const TaskId& task);

  Journal* const journal_;
  Executor& executor_;
  TaskClient& nodes_;
  mutable std::mutex mutex_;
  /// Queries that run with a journal.
  std::set<QueryId> running_;
  /// Queries that have one, ended ones too.
  std::set<QueryId> journaled_;
  /// Tasks whose start is not durable yet. Executor only.
  std::map<TaskId, Held> held_;
};

}  // namespace planaria::coordinator
