// How an operator gives its thread back while it waits for the world outside of DuckDB.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "duckdb.hpp"
#include "duckdb/parallel/interrupt.hpp"
#include "kernel/task_context.h"

namespace planaria::kernel {

/// Belongs to the global state of a source or sink, which inherits DuckDB's list of blocked tasks. Wakes may
/// come when that state is gone.
class Blocking {
 public:
  Blocking(duckdb::StateWithBlockableTasks& state, std::shared_ptr<TaskContext> task)
      : link_(std::make_shared<Link>()) {
    link_->state = &state;
    link_->task = std::move(task);
  }
  ~Blocking() {
    const std::lock_guard lock(link_->mutex);
    link_->state = nullptr;
  }
  Blocking(const Blocking&) = delete;

  enum class Outcome : uint8_t {
    kReady,     ///< what was asked for is there
    kBlocked,   ///< return BLOCKED; the operator is called again after the wake
    kNotAgain,  ///< the pipeline is over (a LIMIT was reached): return FINISHED
  };

  /// `ask(wake)` is true when there is something, and keeps `wake` otherwise.
  template <typename Ask>
  Outcome WaitFor(const duckdb::InterruptState& interrupt, Ask ask) {
    while (true) {
      const auto woken = std::make_shared<bool>(false);
      if (ask(Wake([link = link_, woken] { link->Fire(*woken); }))) return Outcome::kReady;
      const auto guard = link_->state->Lock();
      // The wake came before the task was listed: ask again.
      if (*woken) continue;
      return link_->state->BlockTask(guard, interrupt) ? Outcome::kBlocked : Outcome::kNotAgain;
    }
  }

 private:
  struct Link {
    /// Keeps `state` alive while tasks are woken.
    std::mutex mutex;
    duckdb::StateWithBlockableTasks* state = nullptr;
    std::shared_ptr<TaskContext> task;

    void Fire(bool& woken) {
      {
        const std::lock_guard lock(mutex);
        if (!state) return;
        const auto guard = state->Lock();
        woken = true;
        state->UnblockTasks(guard);
      }
      task->attention.Raise();
    }
  };

  const std::shared_ptr<Link> link_;
};

}  // namespace planaria::kernel
