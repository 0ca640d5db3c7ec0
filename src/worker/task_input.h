// One exchange as a task reads it: committed outputs from the spool, or running tasks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/task_context.h"
#include "protocol/task_messages.h"
#include "worker/task_environment.h"

namespace planaria::worker {

/// Thread-safe. Ending it tells running producers that no more is wanted.
class TaskInput {
 public:
  virtual ~TaskInput() = default;

  /// A reader of all producers; see kernel::TaskContext::inputs.
  virtual std::shared_ptr<kernel::ExchangeInput> Open() = 0;
  /// A reader per producer; see kernel::TaskContext::runs.
  virtual std::optional<kernel::ExchangeRuns> OpenRuns(const kernel::Wake& wake) = 0;
  /// Rows of a complete input; nothing when that is not known yet.
  virtual std::optional<uint64_t> Rows() { return std::nullopt; }
  /// More committed outputs; those it has already are not read twice. With `total`, once, the number of all
  /// there are: the input is complete as soon as it has them. Throws SERIALIZATION_ERROR.
  /// `holders` are the nodes that made them.
  virtual void Add(const std::vector<std::string>& manifests, std::optional<uint32_t> total,
                   const std::vector<protocol::OutputHolderMessage>& holders) = 0;
};

/// `context` is the reading task's; `reading` says how it reads what is spooled. Throws
/// SERIALIZATION_ERROR when a manifest cannot be read.
std::shared_ptr<TaskInput> MakeTaskInput(const TaskEnvironment& environment, const TaskId& task,
                                         const protocol::InputMessage& message,
                                         const kernel::TaskContext& context,
                                         const exchange::SpoolReaderOptions& reading);

}  // namespace planaria::worker
