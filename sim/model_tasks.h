// Runs the model kernel's tasks on simulated time, over the real spool.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "sim/conditions.h"
#include "sim/history.h"
#include "sim/plants.h"
#include "sim/sim_loop.h"
#include "storage/store_set.h"
#include "worker/task_environment.h"
#include "worker/task_runner.h"

namespace planaria::sim {

/// What tasks write into: rows by attempt, invisible until committed.
struct Table {
  std::map<TaskId, Rows> written;
  std::set<TaskId> committed;

  Rows VisibleOf(const QueryId& query) const {
    Rows visible;
    for (const TaskId& task : committed) {
      const auto found = written.find(task);
      if (task.query == query && found != written.end())
        visible.insert(visible.end(), found->second.begin(), found->second.end());
    }
    return visible;
  }
};

/// What the tasks of one process share; outlives them.
struct ModelEnvironment {
  SimLoop& loop;
  RandomSource& random;
  Conditions& conditions;
  History& history;
  Table& table;
  std::shared_ptr<Process> process;
  /// As far as tasks need it without a real kernel: how they read.
  std::shared_ptr<const worker::TaskEnvironment> tasks;
  /// Outputs up to this size travel in their manifests.
  size_t inline_bytes = 0;
  Plant plant = Plant::kNone;
};

/// A task reads one input after the other, the last one first, and waits for what is not there yet; then it
/// writes halfway and at its end, and reports; often it offers its output a while before.
class ModelTaskRunner final : public worker::TaskRunner {
 public:
  explicit ModelTaskRunner(ModelEnvironment environment);
  ~ModelTaskRunner() override;
  std::shared_ptr<worker::RunningTask> Start(protocol::TaskDescriptor descriptor, Report offer,
                                             Report done) override;

 private:
  class Task;
  const ModelEnvironment environment_;
};

}  // namespace planaria::sim
