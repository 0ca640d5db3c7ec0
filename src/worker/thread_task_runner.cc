#include "worker/thread_task_runner.h"

#include <thread>

namespace planaria::worker {

std::shared_ptr<RunningTask> ThreadTaskRunner::Start(protocol::TaskDescriptor descriptor, Done done) {
  auto execution = std::make_shared<TaskExecution>(environment_, std::move(descriptor));
  std::thread([execution, done = std::move(done)]() mutable {
    protocol::TaskReport report = execution->Run();
    execution.reset();
    done(std::move(report));
  }).detach();
  return execution;
}

}  // namespace planaria::worker
