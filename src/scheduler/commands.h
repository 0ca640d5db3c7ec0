// What the scheduler wants done. Carried out in order; none of them answers, results come back as events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

/// The one attempt of a producer's partition that readers use.
struct CommittedOutput {
  PartitionId partition;
  AttemptId attempt;
  /// Where it ran.
  NodeId node;
  /// As reported by TaskFinished.
  std::shared_ptr<const std::string> manifest;
};

/// All partitions of one producer fragment, in order. Shared by every reader.
using CommittedOutputs = std::shared_ptr<const std::vector<CommittedOutput>>;

/// One input of a task, in the order of FragmentPlan::inputs.
struct TaskInput {
  FragmentId producer;
  InputMode mode = InputMode::kPartitioned;
  /// Which output partitions of every producer task to read.
  std::vector<uint32_t> partitions;
  CommittedOutputs outputs;
};

struct ScanSplits {
  uint32_t scan = 0;
  std::vector<uint32_t> splits;
};

struct StartTask {
  TaskId task;
  NodeId node;
  /// Every scan of the fragment, also those of which this task gets no split.
  std::vector<ScanSplits> splits;
  std::vector<TaskInput> inputs;
  /// What the node is assumed to give it; 0 when unknown.
  uint64_t memory_bytes = 0;
};

struct CancelTask {
  TaskId task;
  NodeId node;
};

/// The root's outputs are the result. They stay until ForgetQuery.
struct QueryFinished {
  QueryId query;
  FragmentId root;
  CommittedOutputs outputs;
};

/// `error` has up to five other failures as suppressed ones.
struct QueryFailed {
  QueryId query;
  Error error;
};

/// Nobody reads the outputs any more: of one fragment, or of the whole query when none is named.
struct DeleteExchange {
  QueryId query;
  std::optional<FragmentId> fragment = {};
};

using Command = std::variant<StartTask, CancelTask, QueryFinished, QueryFailed, DeleteExchange>;

}  // namespace planaria::scheduler
