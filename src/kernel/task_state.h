// Ties a TaskContext to the DuckDB connection that runs the task, where operators find it.
#pragma once

#include <memory>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "kernel/task_context.h"

namespace planaria::kernel {

struct TaskState : duckdb::ClientContextState {
  static constexpr const char* kKey = "planaria_task";

  explicit TaskState(std::shared_ptr<TaskContext> task_context) : task(std::move(task_context)) {}
  std::shared_ptr<TaskContext> task;

  /// DuckDB calls them on the thread that works, around each piece of work for the connection.
  void OnTaskStart(duckdb::ClientContext&) override { task->meter->Enter(); }
  void OnTaskStop(duckdb::ClientContext&) override { task->meter->Leave(); }

  /// The task that `context` runs; nullptr outside of tasks (planning, single-process tests).
  static std::shared_ptr<TaskContext> Of(duckdb::ClientContext& context) {
    const auto state = context.registered_state->Get<TaskState>(kKey);
    return state ? state->task : nullptr;
  }
};

}  // namespace planaria::kernel
