// Worker to coordinator: what a node's tasks use now.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace planaria::protocol {

/// One attempt, from its start until now.
struct TaskUsage {
  TaskId task;
  uint64_t cpu_nanos = 0;
  uint64_t wall_nanos = 0;
  /// Of the splits that it has begun to read.
  uint64_t scanned_bytes = 0;
  /// That it holds now, caches excepted.
  uint64_t memory_bytes = 0;
  bool operator==(const TaskUsage&) const = default;
};

struct NodeUsage {
  /// Threads of tasks that wait for memory now.
  uint32_t waiting_for_memory = 0;
  /// The tasks that run.
  std::vector<TaskUsage> tasks;

  bool operator==(const NodeUsage&) const = default;
  std::string Serialize() const;
  /// Throws SERIALIZATION_ERROR.
  static NodeUsage Parse(std::string_view bytes);
};

}  // namespace planaria::protocol
