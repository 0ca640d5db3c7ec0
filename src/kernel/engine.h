// The embedded DuckDB of one process: one instance, shared by planning and by every task of a worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/units.h"
#include "duckdb.hpp"

namespace planaria::kernel {

struct EngineOptions {
  /// Threads that run tasks beside the threads that wait for them; 0: one per core.
  uint32_t threads = 0;
  /// Bytes before operators spill to `temp_directory`; 0: DuckDB's default (80 % of the machine).
  uint64_t memory_limit = 0;
  /// Where operators spill; empty: no spilling.
  std::string temp_directory;
  /// How long a task that is refused memory waits for what other tasks hold, where there is a limit.
  Duration longest_memory_wait{0};
};

class TaskBufferPool;

/// Thread-safe. Has our exchange ends, merge aggregates and Trino's functions (functions/) registered, no
/// replacement scans (a file name is not a table here) and no extension loading.
class Engine {
 public:
  explicit Engine(const EngineOptions& options);
  ~Engine();

  duckdb::DatabaseInstance& instance() { return *database_.instance; }
  std::unique_ptr<duckdb::Connection> Connect();

  /// Bytes of the memory limit that operators hold now: without caches, which give way to operators.
  uint64_t OperatorMemory() const;
  /// Threads of tasks that wait for memory now.
  uint32_t WaitingForMemory() const;

 private:
  /// Null without a limit.
  const duckdb::shared_ptr<TaskBufferPool> pool_;
  duckdb::DuckDB database_;
};

}  // namespace planaria::kernel
