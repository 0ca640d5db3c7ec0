// One query: its stages, who waits for whom, and which stages have tasks that may start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scheduler/commands.h"
#include "scheduler/events.h"
#include "scheduler/plan.h"
#include "scheduler/stage.h"

namespace planaria::scheduler {

enum class QueryState : uint8_t { kActive, kFinished, kFailed };

class Query {
 public:
  /// `plan` has no fault (FindPlanFault). `serial` orders queries by age.
  Query(uint64_t serial, QueryId id, QueryPlan plan);

  const uint64_t serial;
  const QueryId id;
  const RetryPolicy retry_policy;
  const QueryLimits limits;
  const bool outputs_die_with_node;
  QueryState state = QueryState::kActive;
  /// The stage whose failure ended the query.
  std::optional<uint32_t> failed_stage;
  /// Waits in the scheduler's round for a turn.
  bool in_round = false;

  uint32_t stage_count() const { return static_cast<uint32_t>(stages_.size()); }
  Stage& stage(uint32_t index) { return *stages_[index]; }
  const Stage& stage(uint32_t index) const { return *stages_[index]; }
  std::optional<uint32_t> FindStage(FragmentId fragment) const;
  bool Reads(uint32_t consumer, uint32_t producer) const;
  uint32_t root() const { return root_; }
  /// Grows with every lost output; tells which attempts were given inputs that are no longer right.
  uint64_t generation() const { return generation_; }

  /// Cuts what needs neither splits nor sizes.
  void Begin();
  void AddSplits(uint32_t stage, const SplitsAdded& event, const ClusterShape& cluster);
  void Commit(uint32_t stage, uint32_t partition, uint32_t attempt, const TaskOutput& output, TimePoint now,
              const ClusterShape& cluster);
  void Invalidate(uint32_t stage, uint32_t partition);
  void Requeue(uint32_t stage, uint32_t partition);

  /// Committed partitions on a lost node that unfinished stages still read, last stages first. Only known
  /// when outputs die with their node. The list of that node is emptied.
  std::vector<std::pair<uint32_t, uint32_t>> TakeOutputsOn(NodeIndex node);
  /// True while a stage that reads this one is not complete.
  bool OutputNeeded(uint32_t stage) const;

  /// Stages with tasks that may start, producers first; COORDINATOR stages apart from the others.
  const std::set<uint32_t>& ready(bool on_coordinator) const {
    return on_coordinator ? coordinator_ready_ : worker_ready_;
  }
  /// Puts the stage into or out of its ready set.
  void RefreshReady(uint32_t stage);

  /// The command for an attempt that Stage::Start has just begun.
  StartTask MakeStart(uint32_t stage, uint32_t partition, uint32_t attempt, const NodePool& nodes);
  TaskId MakeTaskId(uint32_t stage, uint32_t partition, uint32_t attempt) const;

 private:
  void CutHashStage(uint32_t stage, const ClusterShape& cluster);

  std::vector<std::unique_ptr<Stage>> stages_;
  /// Producer stages by input, and the consumer of each edge that leaves a stage.
  std::vector<std::vector<uint32_t>> producers_;
  std::vector<std::vector<uint32_t>> consumers_;
  std::unordered_map<FragmentId, uint32_t> positions_;
  uint32_t root_ = 0;
  uint64_t generation_ = 0;
  std::set<uint32_t> worker_ready_;
  std::set<uint32_t> coordinator_ready_;
  std::map<NodeIndex, std::vector<std::pair<uint32_t, uint32_t>>> outputs_by_node_;
};

}  // namespace planaria::scheduler
