// How the execution driver reaches the nodes.
#pragma once

#include <functional>

#include "base/error.h"
#include "base/ids.h"
#include "protocol/task_messages.h"

namespace planaria::coordinator {

/// Called on the driver's executor; none of the functions may block. What becomes of a task comes back as a
/// report (ExecutionDriver::Report); what becomes of a node as NodeLost, which covers all calls to it.
class TaskClient {
 public:
  virtual ~TaskClient() = default;

  /// Starts a task; where the tasks are whose streams it reads is filled in here. `failed` is called at most
  /// once, on any thread, if the node answers that it will not run it or gives no answer.
  virtual void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                     std::function<void(Error)> failed) = 0;
  /// More of an input of a task that was started; `failed` as for Start. The node may get it before the
  /// start.
  virtual void AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                         std::function<void(Error)> failed) = 0;
  /// The task's output is not wanted any more.
  virtual void Cancel(const NodeId& node, const TaskId& task) = 0;
  /// Nobody reads any output of the query any more.
  virtual void DeleteOutputs(const QueryId& query) = 0;
};

}  // namespace planaria::coordinator
