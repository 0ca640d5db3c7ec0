#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

/// Fragment 0 reads a join of a small table (1) with a large one: by 2 when it is broadcast, by 3 and 4 when
/// both are partitioned.
class JoinChoiceTest : public SchedulerTest {
 protected:
  static constexpr uint64_t kLimit = 1000;

  QueryPlan Plan(bool shuffle_may_start) {
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kSingle, {{{4}, InputMode::kGather}}, {}, 1, 0},
                      {{1}, Distribution::kSource, {}, {7}, 4, 0},
                      {{2}, Distribution::kSource, {{{1}, InputMode::kGather}}, {8}, 2, 0},
                      {{3}, Distribution::kSource, {}, {8}, 4, 0},
                      {{4},
                       Distribution::kHash,
                       {{{3}, InputMode::kPartitioned}, {{1}, InputMode::kPartitioned}},
                       {},
                       2,
                       0}};
    plan.choices = {{{1}, kLimit, {2}, {3}, {4}, shuffle_may_start}};
    return plan;
  }
  void Submit(bool shuffle_may_start) {
    Tell(SubmitQuery{query_, Plan(shuffle_may_start)});
    AddSplits();
  }
  void AddSplits() {
    for (const auto& [fragment, scan] : {std::pair{1u, 7u}, {2u, 8u}, {3u, 8u}})
      Tell(SplitsAdded{query_, {fragment}, scan, {{0, 100}}, true});
  }
  /// The starts that wait in the commands, by fragment.
  std::map<uint32_t, StartTask> Starts() {
    std::map<uint32_t, StartTask> starts;
    for (StartTask& start : Take<StartTask>()) starts[start.task.fragment.value] = std::move(start);
    return starts;
  }
  StageState StateOf(uint32_t fragment) {
    for (const StageStatus& stage : scheduler_.Stages(query_)) {
      if (stage.fragment.value == fragment) return stage.state;
    }
    return StageState::kFailed;
  }
};

TEST_F(JoinChoiceTest, SmallSideIsBroadcastWithoutShufflingTheOther) {
  Submit(false);
  Join("a", 4);
  auto starts = Starts();
  ASSERT_EQ(starts.size(), 1u) << "the other side waits";
  Finish(starts.at(1), {{kLimit / 2, 1}, {kLimit / 2, 1}});
  const auto made = Take<ChoiceMade>();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_TRUE(made[0].broadcast);
  const StartTask join = TakeStart();
  ASSERT_EQ(join.task.fragment.value, 2u);
  EXPECT_EQ(join.inputs[0].partitions.size(), 4u) << "a task reads the whole small side";
  EXPECT_EQ(StateOf(3), StageState::kAborted);
  EXPECT_EQ(StateOf(4), StageState::kAborted);
  Finish(join, {{10, 1}});
  const StartTask reader = TakeStart();
  EXPECT_EQ(reader.inputs[0].producer.value, 2u);
  ASSERT_EQ(reader.inputs[0].outputs->size(), 1u);
  Finish(reader);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(JoinChoiceTest, LargeSideIsPartitioned) {
  Submit(false);
  Join("a", 4);
  Finish(Starts().at(1), {{kLimit, 1}, {1, 1}});
  const auto made = Take<ChoiceMade>();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_FALSE(made[0].broadcast);
  const StartTask shuffle = TakeStart();
  ASSERT_EQ(shuffle.task.fragment.value, 3u);
  Finish(shuffle, {{kLimit, 1}});
  const StartTask join = TakeStart();
  EXPECT_EQ(join.task.fragment.value, 4u);
  EXPECT_EQ(join.inputs[0].producer.value, 3u);
  EXPECT_EQ(StateOf(2), StageState::kAborted);
  Finish(join);
  EXPECT_EQ(TakeStart().inputs[0].producer.value, 4u);
}

TEST_F(JoinChoiceTest, WhatTheShuffleHasBegunIsCancelled) {
  Submit(true);
  Join("a", 4);
  auto starts = Starts();
  ASSERT_EQ(starts.size(), 2u);
  Finish(starts.at(1), {{1, 1}});
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task, starts.at(3).task);
  const StartTask join = TakeStart();
  EXPECT_EQ(join.task.fragment.value, 2u);
  // The cancel came too late; that changes nothing.
  Finish(starts.at(3), {{1, 1}});
  Finish(join);
  EXPECT_EQ(TakeStart().inputs[0].producer.value, 2u);
}

TEST_F(JoinChoiceTest, TheDecidersTasksComeFirst) {
  Submit(true);
  Join("a", 1);
  EXPECT_EQ(TakeStart().task.fragment.value, 1u);
}

TEST_F(JoinChoiceTest, AShuffleThatHasFinishedATaskStays) {
  Submit(true);
  Join("a", 4);
  auto starts = Starts();
  Finish(starts.at(3), {{1, 1}});
  Finish(starts.at(1), {{1, 1}});
  EXPECT_FALSE(Take<ChoiceMade>().at(0).broadcast);
  EXPECT_EQ(TakeStart().task.fragment.value, 4u);
}

TEST_F(JoinChoiceTest, AShuffleThatHasHardlyBegunIsGivenUp) {
  QueryPlan plan = Plan(true);
  plan.limits.scan_task_floor_bytes = 1;
  plan.limits.max_task_split_count = 1;
  Tell(SubmitQuery{query_, plan});
  Join("a", 3);
  EXPECT_TRUE(Take<StartTask>().empty()) << "the decider's splits are not known";
  SplitsAdded large{query_, {3}, 8, {}, true};
  for (uint32_t i = 0; i < 8; ++i) large.splits.push_back({i, 100});
  Tell(large);
  EXPECT_TRUE(Take<StartTask>().empty()) << "the decider comes first";
  Tell(SplitsAdded{query_, {1}, 7, {{0, 100}}, true});
  Tell(SplitsAdded{query_, {2}, 8, large.splits, true});
  std::vector<StartTask> starts = Take<StartTask>();
  ASSERT_EQ(starts.size(), 3u);
  ASSERT_EQ(starts[0].task.fragment.value, 1u);
  ASSERT_EQ(starts[1].task.fragment.value, 3u);
  Finish(starts[1], {{1, 1}});
  Finish(starts[0], {{1, 1}});
  EXPECT_TRUE(Take<ChoiceMade>().at(0).broadcast) << "one of eight tasks had finished";
}

TEST_F(JoinChoiceTest, ALostOutputDoesNotChangeTheChoice) {
  Submit(false);
  Join("a", 1);
  Join("b", 1);
  const StartTask small = TakeStart();
  Finish(small, {{1, 1}});
  const StartTask join = TakeStart();
  Tell(TaskFailed{join.task, Error{errors::PAGE_TRANSPORT_ERROR, "gone", {}, {}}, small.task});
  const StartTask again = TakeStart();
  EXPECT_EQ(again.task.fragment.value, 1u);
  Finish(again, {{2 * kLimit, 1}});
  EXPECT_EQ(Take<ChoiceMade>().size(), 1u);
  EXPECT_EQ(TakeStart().task.fragment.value, 2u);
}

TEST_F(JoinChoiceTest, AJoinMayDecideAboutTheNext) {
  QueryPlan plan = Plan(false);
  plan.fragments[0].inputs = {{{7}, InputMode::kGather}};
  plan.fragments.push_back({{5}, Distribution::kSource, {{{4}, InputMode::kGather}}, {9}, 3, 0});
  plan.fragments.push_back({{6}, Distribution::kSource, {}, {9}, 2, 0});
  plan.fragments.push_back(
      {{7}, Distribution::kHash, {{{6}, InputMode::kPartitioned}, {{4}, InputMode::kPartitioned}}, {}, 3, 0});
  plan.choices.push_back({{4}, kLimit, {5}, {6}, {7}, false});
  Tell(SubmitQuery{query_, plan});
  AddSplits();
  for (const uint32_t fragment : {5u, 6u}) Tell(SplitsAdded{query_, {fragment}, 9, {{0, 100}}, true});
  Join("a", 4);
  Finish(TakeStart(), {{1, 1}});
  const StartTask first = TakeStart();
  ASSERT_EQ(first.task.fragment.value, 2u);
  Finish(first, {{1, 1}});
  const StartTask second = TakeStart();
  ASSERT_EQ(second.task.fragment.value, 5u);
  EXPECT_EQ(second.inputs[0].producer.value, 2u);
}

TEST_F(JoinChoiceTest, TheRootMayBeChosen) {
  QueryPlan plan = Plan(false);
  plan.fragments.erase(plan.fragments.begin());
  plan.root = {4};
  Tell(SubmitQuery{query_, plan});
  AddSplits();
  Join("a", 4);
  Finish(TakeStart(), {{1, 1}});
  const StartTask join = TakeStart();
  Finish(join, {{1, 1}});
  const auto finished = Take<QueryFinished>();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].root.value, 2u);
  EXPECT_EQ(finished[0].outputs->size(), 1u);
}

TEST_F(JoinChoiceTest, ARestartKeepsTheChoice) {
  Tell(SubmitQuery{query_, Plan(true)});
  Tell(ChoiceRestored{{query_, 0, true}});
  AddSplits();
  // Of a size that would be chosen otherwise now.
  Tell(OutputRestored{{query_, {1}, {0}, {0}}, {"a"}, {{{2 * kLimit, 1}}, nullptr}});
  Tell(AttemptRestored{{query_, {3}, {0}, {0}}, {"a"}});
  Join("a", 4);
  EXPECT_TRUE(Take<ChoiceMade>().empty());
  EXPECT_EQ(TakeStart().task.fragment.value, 2u);
  Tell(TaskAdopted{{query_, {3}, {0}, {0}}, {"a"}});
  EXPECT_EQ(Take<CancelTask>().size(), 1u) << "its join runs by the other plan";
}

TEST_F(JoinChoiceTest, FaultsAreNamed) {
  const auto fault = [](const QueryPlan& plan) {
    const auto found = FindPlanFault(plan);
    return found ? found->message : std::string();
  };
  EXPECT_EQ(fault(Plan(true)), "");
  QueryPlan streams = Plan(true);
  streams.retry_policy = RetryPolicy::kNone;
  EXPECT_EQ(fault(streams),
            "Fragment 4 cannot be scheduled: as one of two plans of a join: the query streams");
  QueryPlan read = Plan(true);
  read.fragments[0].inputs.push_back({{3}, InputMode::kGather});
  EXPECT_EQ(fault(read), "Fragment 0 cannot be scheduled: it reads what may be dropped");
  QueryPlan other = Plan(true);
  other.fragments[2].output_partitions = 3;
  EXPECT_EQ(
      fault(other),
      "Fragment 4 cannot be scheduled: as one of two plans of a join: the other one writes other partitions");
  QueryPlan unknown = Plan(true);
  unknown.choices[0].decider = {9};
  EXPECT_EQ(fault(unknown),
            "Fragment 4 cannot be scheduled: as one of two plans of a join: 9 is not in the plan");
  QueryPlan twice = Plan(true);
  twice.choices.push_back(twice.choices[0]);
  EXPECT_EQ(fault(twice), "Fragment 4 cannot be scheduled: as one of two plans of a join: 2 is in it twice");
}

}  // namespace
}  // namespace planaria::scheduler
