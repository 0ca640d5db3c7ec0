// Runs every task on a thread of its own.
#pragma once

#include "worker/task_execution.h"
#include "worker/task_runner.h"

namespace planaria::worker {

/// The coordinator bounds the number of threads by the slots that the node announced.
class ThreadTaskRunner final : public TaskRunner {
 public:
  explicit ThreadTaskRunner(const TaskEnvironment& environment) : environment_(environment) {}
  std::shared_ptr<RunningTask> Start(protocol::TaskDescriptor descriptor, Report offer, Report done) override;
  uint32_t WaitingForMemory() const override;

 private:
  const TaskEnvironment& environment_;
};

}  // namespace planaria::worker
