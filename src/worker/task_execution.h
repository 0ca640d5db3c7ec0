// One attempt of one task on this node: from its descriptor to its report.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "protocol/task_messages.h"
#include "storage/store_set.h"
#include "worker/memory_gauge.h"
#include "worker/task_runner.h"

namespace planaria::kernel {
class Engine;
class FragmentRunner;
}  // namespace planaria::kernel

namespace planaria::worker {

/// What a node's tasks share. Immutable; everything it points to outlives the tasks.
class TaskEnvironment {
 public:
  kernel::Engine* engine = nullptr;
  std::shared_ptr<MemoryGauge> memory;
  /// The exchange's base directories; nullptr when no exchange manager is configured.
  std::shared_ptr<storage::StoreSet> exchange;
  /// Keeps outputs that need not survive this node (retry policy NONE).
  std::shared_ptr<storage::ObjectStore> node_store;
  /// Finds the store behind a manifest's location, be it the exchange's or another node's.
  std::shared_ptr<storage::ObjectLocator> locator;
};

/// Used once. Run blocks its thread; Cancel may come from any other, before, during or after.
class TaskExecution final : public RunningTask {
 public:
  TaskExecution(const TaskEnvironment& environment, protocol::TaskDescriptor descriptor);
  ~TaskExecution() override;

  /// Never throws: what goes wrong is in the report. A failed task leaves no object behind.
  protocol::TaskReport Run();
  void Cancel() override;

 private:
  void RunFragment(protocol::TaskReport* report);

  const TaskEnvironment& environment_;
  const protocol::TaskDescriptor descriptor_;
  MemoryGauge::Task memory_;
  std::mutex mutex_;
  bool cancelled_ = false;
  std::shared_ptr<kernel::FragmentRunner> runner_;
};

}  // namespace planaria::worker
