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
#include "scheduler/streaming_run.h"

namespace planaria::scheduler {

enum class QueryState : uint8_t { kActive, kFinished, kFailed };

class Query {
 public:
  /// `plan` has no fault (FindPlanFault). `serial` orders queries by age.
  Query(uint64_t serial, QueryId id, QueryPlan plan);

  const uint64_t serial;
  const QueryId id;
  const QueryLimits limits;
  const bool outputs_die_with_node;
  QueryState state = QueryState::kActive;
  /// The stage whose failure ended the query.
  std::optional<uint32_t> failed_stage;
  /// Set while the query streams; otherwise it runs task by task (policy TASK).
  std::unique_ptr<StreamingRun> run;
  /// Waits in the scheduler's round for a turn.
  bool in_round = false;

  uint32_t stage_count() const { return static_cast<uint32_t>(stages_.size()); }
  Stage& stage(uint32_t index) { return *stages_[index]; }
  const Stage& stage(uint32_t index) const { return *stages_[index]; }
  std::optional<uint32_t> FindStage(FragmentId fragment) const;
  bool Reads(uint32_t consumer, uint32_t producer) const;
  /// The producer stage of each input; the consumer of each edge that leaves the stage.
  const std::vector<uint32_t>& producers(uint32_t stage) const { return producers_[stage]; }
  const std::vector<uint32_t>& consumers(uint32_t stage) const { return consumers_[stage]; }
  bool RunsOnCoordinatorOnly() const;
  uint32_t root() const { return root_; }
  /// Grows with every lost output; tells which attempts were given inputs that are no longer right.
  uint64_t generation() const { return generation_; }

  /// The number of the first attempt of every partition; the smaller ones belong to former streaming runs, or
  /// to earlier starts of the coordinator.
  uint32_t first_attempt() const { return first_attempt_; }
  /// An attempt of a former run.
  struct PastAttempt {
    uint32_t stage;
    uint32_t partition;
    Attempt attempt;
  };
  const std::vector<PastAttempt>& past_attempts() const { return past_attempts_; }
  /// Ends a streaming run whose attempts have ended: nothing is cut, attempts count on from the next number.
  void StartOver();
  /// From now on TASK, with the splits of the run.
  void ContinueAsTask(const ClusterShape& cluster);

  /// Cuts what needs neither splits nor sizes.
  void Begin();
  /// Tasks that a stage had before a restart.
  void RestoreCut(uint32_t stage, const StageCut& cut);
  void AddSplits(uint32_t stage, const SplitsAdded& event, const ClusterShape& cluster);
  void Commit(uint32_t stage, uint32_t partition, uint32_t attempt, const TaskOutput& output, TimePoint now,
              const ClusterShape& cluster);
  /// One more output of the stage is known, though not committed.
  void OutputKnown(uint32_t stage, const ClusterShape& cluster) { DecideMerges(stage, cluster); }
  /// Whether tasks of a stage that still waits for producers may start on what there is.
  bool MayReadEarly(uint32_t stage) const;
  /// Cuts a stage that may read early, from estimates, unless it is cut. False: by these a partition is so
  /// large that tasks should share it, for which all of its producers must have finished.
  bool CutEarly(uint32_t stage, const ClusterShape& cluster);
  void Invalidate(uint32_t stage, uint32_t partition);
  void Requeue(uint32_t stage, uint32_t partition);
  /// Puts two smaller partitions in the place of one that does not run. False when it cannot be divided.
  bool Divide(uint32_t stage, uint32_t partition);

  /// A choice that was made before a restart.
  void RestoreChoice(const ChoiceMade& choice);
  /// The choices made since the last call, for the journal, and the stages that they dropped.
  std::vector<ChoiceMade> TakeChoices() { return std::exchange(made_, {}); }
  std::vector<uint32_t> TakeDropped() { return std::exchange(dropped_, {}); }
  /// Whether a fragment merges, as it was decided before a restart.
  void RestoreMerge(const MergeDecided& decision);
  /// The decisions made since the last call, for the journal.
  std::vector<MergeDecided> TakeMerges() { return std::exchange(decided_, {}); }
  /// What the plan calls the producer in the inputs of its reader.
  FragmentId NameOf(uint32_t producer, uint32_t reader) const;

  /// The cuts made since the last call, for the journal.
  std::vector<StageCut> TakeCuts() { return std::exchange(cuts_, {}); }

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
  /// For leases; unlike positions of attempts it never means an attempt of another run.
  TaskRef Ref(uint32_t stage, uint32_t partition, uint32_t attempt) const {
    return {serial, stage, partition, stages_[stage]->partitions[partition].attempts[attempt].number};
  }
  /// Which partitions of its producers a task reads through one of its inputs.
  std::vector<uint32_t> InputPartitions(uint32_t stage, uint32_t input, uint32_t partition) const;

 private:
  void MakeStages();
  /// The stage has just become complete: its readers may start.
  void Complete(uint32_t stage, const ClusterShape& cluster);
  /// The tasks of a hash stage, from what its producers have committed.
  std::vector<TaskWork> HashTasks(uint32_t stage, const ClusterShape& cluster) const;
  void CutHashStage(uint32_t stage, std::vector<TaskWork> tasks);

  // join_choice.cc
  /// A JoinChoice by its stages.
  struct OpenChoice {
    uint32_t decider;
    uint32_t broadcast;
    uint32_t shuffle;
    uint32_t partitioned;
    bool open = true;
  };
  void MakeChoices();
  /// False while it has to wait for a choice.
  bool MayStart(uint32_t stage) const;
  /// Makes the choices that waited for this stage.
  void DecideAfter(uint32_t stage);
  void Choose(uint32_t choice, bool broadcast);
  void Drop(uint32_t stage);
  /// From now on `producer` stands for `left_out`; its readers have not started.
  void Replace(uint32_t left_out, uint32_t producer);

  // merging.cc
  /// Decides whether what reads this stage merges, once enough of the stage is known.
  void DecideMerges(uint32_t producer, const ClusterShape& cluster);
  void Decide(uint32_t merge, bool merges);
  std::vector<TaskWork> MergeTasks(uint32_t merge, const ClusterShape& cluster) const;

  const QueryPlan plan_;
  /// The fragment of each stage.
  std::vector<size_t> order_;
  uint32_t first_attempt_;
  std::vector<PastAttempt> past_attempts_;
  std::vector<std::unique_ptr<Stage>> stages_;
  /// Producer stages by input, and the consumer of each edge that leaves a stage.
  std::vector<std::vector<uint32_t>> producers_;
  std::vector<std::vector<uint32_t>> consumers_;
  std::unordered_map<FragmentId, uint32_t> positions_;
  uint32_t root_ = 0;
  uint64_t generation_ = 0;
  std::vector<StageCut> cuts_;
  std::vector<OpenChoice> choices_;
  std::vector<ChoiceMade> made_;
  std::vector<MergeDecided> decided_;
  std::vector<uint32_t> dropped_;
  std::set<uint32_t> worker_ready_;
  std::set<uint32_t> coordinator_ready_;
  std::map<NodeIndex, std::vector<std::pair<uint32_t, uint32_t>>> outputs_by_node_;
};

}  // namespace planaria::scheduler
