// A planned query as the execution driver needs it: bytes and numbers, nothing of the planner.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/split_payloads.h"
#include "protocol/task_messages.h"
#include "scheduler/plan.h"

namespace planaria::coordinator {

/// What the tasks of one fragment run.
struct ExecutionFragment {
  /// Serialised plan.
  std::string plan;
  uint32_t output_partitions = 1;
  /// By scan id: what the scheduler's split numbers stand for.
  std::map<uint32_t, std::vector<protocol::SplitMessage>> scans;
  /// By scan id: the payloads of its splits, when they are not in the splits.
  std::map<uint32_t, std::shared_ptr<const SplitPayloads>> payloads;
  /// What the plan calls its inputs, in the order of scheduler::FragmentPlan::inputs.
  std::vector<uint32_t> input_ids;
};

/// Immutable once submitted.
struct Execution {
  scheduler::QueryPlan plan;
  std::map<FragmentId, ExecutionFragment> fragments;
  protocol::TaskSession session;
  protocol::Spooling spooling;
};

}  // namespace planaria::coordinator
