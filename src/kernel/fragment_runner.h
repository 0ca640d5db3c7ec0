// Runs one fragment: a serialised plan whose root is an exchange sink, over the splits and inputs of a
// TaskContext.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "kernel/engine.h"
#include "kernel/task_context.h"

namespace planaria::kernel {

/// Serialises a fragment's plan, to be run by a FragmentRunner of the same version in another process.
std::string SerializePlan(const duckdb::LogicalOperator& plan);

/// One run of one fragment; used once. Run blocks its thread, Cancel may come from any other.
class FragmentRunner {
 public:
  /// `engine` must outlive the runner. `time_zone` is an IANA id, empty for the engine's own.
  FragmentRunner(Engine& engine, std::shared_ptr<TaskContext> task, std::string time_zone);
  ~FragmentRunner();

  /// Runs `plan` to its end and returns the number of rows written to the task's output. Throws what failed
  /// first: the exception that an input, output or scan threw, unchanged, or the kernel's error with Trino's
  /// code. Bytes that are no plan of this version throw SERIALIZATION_ERROR; after Cancel, throws
  /// USER_CANCELED.
  uint64_t Run(const std::string& plan);
  void Cancel();

 private:
  /// Works on the query until it has ended.
  duckdb::unique_ptr<duckdb::QueryResult> Drive(duckdb::PendingQueryResult& pending);

  Engine& engine_;
  std::shared_ptr<TaskContext> task_;
  const std::string time_zone_;
  std::unique_ptr<duckdb::Connection> connection_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace planaria::kernel
