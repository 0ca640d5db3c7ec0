// One attempt of one task on this node: from its descriptor to its report.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "protocol/task_messages.h"
#include "worker/memory_gauge.h"
#include "worker/task_environment.h"
#include "worker/task_runner.h"

namespace planaria::kernel {
class FragmentRunner;
class TaskContext;
class TaskMeter;
}  // namespace planaria::kernel

namespace planaria::worker {

class TaskInput;
class TaskOutput;

/// Used once. Run blocks its thread; Cancel and AddInputs may come from any other, before, during or after.
class TaskExecution final : public RunningTask {
 public:
  /// `offer` gets a report when the output is being stored; any thread.
  TaskExecution(const TaskEnvironment& environment, protocol::TaskDescriptor descriptor,
                TaskRunner::Report offer);
  ~TaskExecution() override;

  /// Never throws: what goes wrong is in the report. A failed task leaves no object behind.
  protocol::TaskReport Run();
  /// After Run: the output that others still take from this node, given up by the execution, which Cancel
  /// voids; nullptr when the task failed.
  std::shared_ptr<TaskOutput> output();
  void Cancel() override;
  /// More of an input. What is wrong with the message fails the task.
  void AddInputs(const protocol::AddInputsMessage& message) override;
  protocol::TaskUsage Usage() const override;

 private:
  void RunFragment(protocol::TaskReport* report);
  void RunPlan(const std::shared_ptr<kernel::TaskContext>& task);
  void Merge(kernel::TaskContext& task);
  void PrepareInputs(kernel::TaskContext& context);
  void Apply(const protocol::AddInputsMessage& message);

  const TaskEnvironment& environment_;
  const protocol::TaskDescriptor descriptor_;
  const TaskRunner::Report offer_;
  MemoryGauge::Task memory_;
  const std::shared_ptr<kernel::TaskMeter> meter_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const std::shared_ptr<exchange::SpoolTraffic> traffic_ = std::make_shared<exchange::SpoolTraffic>();
  std::mutex mutex_;
  bool cancelled_ = false;
  std::shared_ptr<kernel::FragmentRunner> runner_;
  /// Once it is finished.
  std::weak_ptr<TaskOutput> output_;
  /// The same, until it is taken from here.
  std::shared_ptr<TaskOutput> finished_output_;
  /// By exchange id; empty before they are prepared.
  std::map<uint32_t, std::shared_ptr<TaskInput>> inputs_;
  bool prepared_ = false;
  /// Came before the inputs were prepared.
  std::vector<protocol::AddInputsMessage> early_inputs_;
  /// What was wrong with added inputs; goes before the cancel that it causes.
  std::optional<Error> inputs_error_;
};

}  // namespace planaria::worker
