#include "worker/thread_task_runner.h"

#include <thread>

#include "kernel/engine.h"
#include "worker/task_output.h"

namespace planaria::worker {

std::shared_ptr<RunningTask> ThreadTaskRunner::Start(protocol::TaskDescriptor descriptor, Report offer,
                                                     Report done) {
  auto execution = std::make_shared<TaskExecution>(environment_, std::move(descriptor), std::move(offer));
  std::thread([execution, done = std::move(done)]() mutable {
    protocol::TaskReport report = execution->Run();
    std::shared_ptr<TaskOutput> output = execution->output();
    execution.reset();
    if (!output) return done(std::move(report));
    // A finished task is done when nobody needs this node for its output.
    TaskOutput& finished = *output;
    finished.WhenTaken(
        [report = std::move(report), done = std::move(done), output = std::move(output)](bool taken) mutable {
          output.reset();
          if (!taken) {
            report.state = protocol::TaskState::kFailed;
            report.error = Error{errors::USER_CANCELED, "Task was cancelled", {}, {}};
            report.manifest.clear();
          }
          done(std::move(report));
        });
  }).detach();
  return execution;
}

uint32_t ThreadTaskRunner::WaitingForMemory() const { return environment_.engine->WaitingForMemory(); }

}  // namespace planaria::worker
