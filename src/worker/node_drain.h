// How a worker leaves without losing work.
#pragma once

#include <functional>
#include <memory>

#include "env/executor.h"
#include "worker/report_log.h"
#include "worker/task_pool.h"

namespace planaria::worker {

/// Refuses new tasks at once, lets the running ones finish for most of `grace`, and hands back those that are
/// left (SERVER_SHUTTING_DOWN: they run elsewhere, without delay). Then waits until the coordinator has
/// acknowledged every report, until the end of the grace period but for at least kAcknowledgeLimit: there may
/// be no coordinator. It does not end either before the coordinator knows of it, for kAcknowledgeLimit at
/// most: a task that is on its way here counts as lost by no fault of its own only then.
class NodeDrain {
 public:
  static constexpr Duration kAcknowledgeLimit = std::chrono::seconds(3);

  /// `done` is called once, on any thread, unless the drain is destroyed before. Everything outlives the
  /// drain.
  NodeDrain(Executor& executor, TaskPool& tasks, ReportLog& reports, Duration grace,
            std::function<void()> done);
  ~NodeDrain();
  /// To be called when the coordinator knows; any thread, also when the drain is gone.
  std::function<void()> WhenKnown();
  NodeDrain(const NodeDrain&) = delete;
  NodeDrain& operator=(const NodeDrain&) = delete;

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace planaria::worker
