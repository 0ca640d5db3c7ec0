// Keeps the journal ahead of what happens: between the execution driver and the nodes.
//
// Tasks are sent at once: a later start of the coordinator goes on from what the journal says, and whatever
// the nodes know beyond it never happened (docs/restart.md). Only what cannot be taken back waits until
// everything that led to it is durable: rows that are given out, reports that a node forgets, outputs that
// are deleted.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "coordinator/journal.h"
#include "coordinator/task_client.h"
#include "env/executor.h"

namespace planaria::coordinator {

/// Any thread.
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
  void Merge(const scheduler::MergeDecided& decision);
  /// A final report, before it takes effect. `settled` is called, on any thread, once it is durable, which
  /// takes some time unless a node leaves: the node may forget it.
  void Report(const protocol::TaskReport& report, std::function<void()> settled);
  /// A node that leaves waits until its reports are durable.
  void NodeLeaves(const NodeId& node);
  /// It has left, or come back.
  void NodeStays(const NodeId& node);
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
  Journal* const journal_;
  Executor& executor_;
  TaskClient& nodes_;
  mutable std::mutex mutex_;
  /// Queries that run with a journal.
  std::set<QueryId> running_;
  /// Queries that have one, ended ones too.
  std::set<QueryId> journaled_;
  /// Queries of which no task was started.
  std::set<QueryId> fresh_;
  std::set<NodeId> leaving_;
};

}  // namespace planaria::coordinator
