// Runs the model kernel's tasks on simulated time, over the real spool.
#pragma once

#include <map>
#include <memory>

#include "sim/conditions.h"
#include "sim/history.h"
#include "sim/plants.h"
#include "sim/sim_loop.h"
#include "storage/store_set.h"
#include "worker/task_runner.h"

namespace planaria::sim {

/// What tasks write into: rows by attempt, invisible until committed.
struct Table {
  std::map<TaskId, Rows> written;
};

/// What the tasks of one process share; outlives them.
struct ModelEnvironment {
  SimLoop& loop;
  RandomSource& random;
  Conditions& conditions;
  History& history;
  Table& table;
  std::shared_ptr<Process> process;
  std::shared_ptr<storage::StoreSet> exchange;
  /// Outputs up to this size travel in their manifests.
  size_t inline_bytes = 0;
  Plant plant = Plant::kNone;
};

/// A task reads all its inputs at its start, writes halfway and at its end, and then reports.
class ModelTaskRunner final : public worker::TaskRunner {
 public:
  explicit ModelTaskRunner(ModelEnvironment environment);
  ~ModelTaskRunner() override;
  std::shared_ptr<worker::RunningTask> Start(protocol::TaskDescriptor descriptor, Done done) override;

 private:
  class Task;
  const ModelEnvironment environment_;
};

}  // namespace planaria::sim
