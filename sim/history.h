// What happens in a world, as those who check it or tell it hear it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "env/clock.h"
#include "protocol/task_messages.h"
#include "sim/conditions.h"
#include "sim/model_query.h"

namespace planaria::sim {

/// State of the world after everything has calmed down.
struct WorldEnd {
  /// Keys left in the exchange after the last query was forgotten, before and after a sweep.
  std::vector<std::string> objects_left;
  std::vector<std::string> objects_after_sweep;
  /// What is left of the coordinator's journal.
  std::vector<std::string> journal_left;
  /// How often which fault was done to the world.
  std::array<uint64_t, kFaultKinds> faults{};
  /// Tasks that still run on nodes though no query does.
  size_t running_tasks = 0;
  /// Outputs of streaming tasks that nodes still keep.
  size_t streamed_outputs = 0;
  /// Most tasks of the last query, which wants every slot, that ran at once; and the slots of all nodes.
  size_t probe_concurrency = 0;
  size_t slots = 0;
};

/// Hears everything in order; does nothing by itself. `where` names a host.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Before anything else; the clock is good until the end.
  virtual void Begins(const Clock&) {}
  virtual void QuerySubmitted(const ModelQuery&) {}
  /// From now on the journal knows the query.
  virtual void QueryDurable(const ModelQuery&) {}
  /// The coordinator decided so.
  virtual void TaskStarted(const TaskId&, const NodeId&) {}
  /// The coordinator does not want it any more.
  virtual void TaskGivenUp(const TaskId&) {}
  /// A task is given these attempts' outputs to read: for every input once at its start, and whenever it is
  /// brought more.
  virtual void TaskReads(const TaskId& /*reader*/, uint32_t /*input*/,
                         const std::vector<TaskId>& /*producers*/) {}
  /// A durable query's rows are those of these outputs; once in every life of the coordinator at most.
  virtual void ResultReads(const ModelQuery&, const std::vector<TaskId>& /*producers*/) {}
  /// A task's output is being stored, and is offered to readers.
  virtual void TaskOffers(const TaskId&) {}
  /// A task has ended on its node.
  virtual void TaskEnded(const protocol::TaskReport&) {}
  /// Its report reached the coordinator.
  virtual void TaskReported(const protocol::TaskReport&) {}
  /// Its node may forget the report: later starts of the coordinator know it.
  virtual void ReportSettled(const TaskId&) {}
  virtual void NodeJoined(const NodeId&) {}
  virtual void NodeLost(const NodeId&) {}
  virtual void NodeDraining(const NodeId&) {}
  virtual void QueryCancelled(const ModelQuery&) {}
  /// The coordinator decided so; once in every life of it.
  virtual void QueryFinished(const ModelQuery&) {}
  virtual void QueryFailed(const ModelQuery&, const Error&) {}
  virtual void CoordinatorDied() {}
  /// The client was told that the coordinator does not know its query.
  virtual void QueryUnknown(const ModelQuery&) {}
  /// The client has read the answer, all of it; or was told why it cannot have it.
  virtual void ResultRead(const ModelQuery&, const Rows&) {}
  virtual void ResultLost(const ModelQuery&, const Error&) {}
  /// The coordinator was told to drop all that it keeps of the query.
  virtual void QueryForgotten(const ModelQuery&) {}
  /// The coordinator does not answer for the query any more.
  virtual void QueryDropped(const ModelQuery&) {}
  /// What the table shows of a query that wrote, at the end.
  virtual void TableRows(const ModelQuery&, const Rows&) {}
  /// A fault begins or ends, a process starts or dies.
  virtual void Happened(const std::string&) {}
  virtual void Ended(const WorldEnd&) {}
};

/// Tells several.
class History {
 public:
  void Add(Observer* observer) { observers_.push_back(observer); }
  template <typename Method, typename... Arguments>
  void Tell(Method method, const Arguments&... arguments) {
    for (Observer* observer : observers_) (observer->*method)(arguments...);
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace planaria::sim
