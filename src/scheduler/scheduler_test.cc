#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

using std::chrono::seconds;

TEST_F(SchedulerTest, RunsAScanThenItsReader) {
  Join("a", 2);
  Tell(SubmitQuery{query_, ScanAndGather()});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 512 << 20}, {1, 512 << 20}}, true});
  const auto scans = Take<StartTask>();
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].splits[0].splits, std::vector<uint32_t>{0});
  Finish(scans[0]);
  EXPECT_TRUE(Take<StartTask>().empty());
  Finish(scans[1]);
  const StartTask reader = TakeStart();
  ASSERT_EQ(reader.inputs.size(), 1u);
  EXPECT_EQ(reader.inputs[0].outputs->size(), 2u);
  Finish(reader);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
  EXPECT_EQ(scheduler_.Stages(query_)[1].state, StageState::kFinished);
}

TEST_F(SchedulerTest, RetriesALostTaskElsewhereAtOnce) {
  Join("a", 1);
  Join("b", 1);
  Tell(SubmitQuery{query_, OneTask()});
  const StartTask first = TakeStart();
  Tell(NodeLost{first.node, Error{errors::REMOTE_HOST_GONE, "silent", {}, {}}});
  const StartTask second = TakeStart();
  EXPECT_NE(second.node, first.node);
  EXPECT_EQ(second.task.attempt.value, 1u);
}

TEST_F(SchedulerTest, DelaysARetryOfItsTaskOnlyAndGrowsTheDelay) {
  Join("a", 1);
  Tell(SubmitQuery{query_, OneTask()});
  Fail(TakeStart(), errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(scheduler_.NextWakeup(), now_ + seconds(10));
  EXPECT_TRUE(Take<StartTask>().empty());
  now_ += seconds(10);
  Tell(Tick{});
  Fail(TakeStart(), errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(scheduler_.NextWakeup(), now_ + seconds(20));
}

TEST_F(SchedulerTest, EndsWithTheFirstRealErrorWhenAttemptsAreUsedUp) {
  Join("a", 1);
  Tell(SubmitQuery{query_, OneTask()});
  Fail(TakeStart(), errors::REMOTE_HOST_GONE, "gone");
  Fail(TakeStart(), errors::GENERIC_INTERNAL_ERROR, "the cause");
  for (int i = 0; i < 3; ++i) {
    now_ += seconds(100);
    Tell(Tick{});
    Fail(TakeStart(), errors::PAGE_TRANSPORT_ERROR, "echo");
  }
  const auto failed = Take<QueryFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].error.message, "the cause");
  EXPECT_EQ(failed[0].error.suppressed.size(), 4u);
  EXPECT_EQ(scheduler_.Stages(query_)[0].state, StageState::kFailed);
  EXPECT_EQ(scheduler_.Stages(query_)[0].failed_attempts, 5u);
}

TEST_F(SchedulerTest, NeverRetriesUserErrors) {
  Join("a", 1);
  Tell(SubmitQuery{query_, OneTask()});
  Fail(TakeStart(), errors::DIVISION_BY_ZERO);
  EXPECT_EQ(Take<QueryFailed>().size(), 1u);
}

TEST_F(SchedulerTest, ATaskThatIsHandedBackIsNotBlamed) {
  Join("a", 1);
  Join("b", 1);
  QueryPlan plan = OneTask();
  plan.limits.task_retry_attempts = 0;
  Tell(SubmitQuery{query_, plan});
  const StartTask first = TakeStart();
  Fail(first, errors::SERVER_SHUTTING_DOWN);
  const StartTask second = TakeStart();
  EXPECT_NE(second.node, first.node);
  Fail(second, errors::SERVER_SHUTTING_DOWN);
  EXPECT_TRUE(Take<StartTask>().empty()) << "both nodes are leaving";
  Join(first.node.value, 1);
  Finish(TakeStart());
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(SchedulerTest, ANodeThatLeavesTakesNoAttemptWithIt) {
  Join("a", 1);
  Join("b", 1);
  QueryPlan plan = OneTask();
  plan.limits.task_retry_attempts = 0;
  Tell(SubmitQuery{query_, plan});
  const StartTask first = TakeStart();
  Tell(NodeDraining{first.node});
  Tell(NodeLost{first.node, Error{errors::REMOTE_HOST_GONE, "closed", {}, {}}});
  const StartTask second = TakeStart();
  EXPECT_NE(second.node, first.node);
  Join(first.node.value, 1);
  Tell(NodeDraining{second.node});
  Fail(second, errors::REMOTE_HOST_GONE);
  Finish(TakeStart());
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(SchedulerTest, TellsHowStagesAreCut) {
  Join("a", 2);
  Tell(SubmitQuery{query_, ScanAndGather()});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 512 << 20}, {1, 512 << 20}}, true});
  const auto cuts = Take<StageCut>();
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].fragment, FragmentId{1});
  ASSERT_EQ(cuts[0].tasks.size(), 2u);
  EXPECT_EQ(cuts[0].tasks[1].splits[0].splits, std::vector<uint32_t>{1});
  EXPECT_TRUE(cuts[0].last);
}

TEST_F(SchedulerTest, RunsTheProducerOfALostOutputAgain) {
  Join("a", 1);
  Tell(SubmitQuery{query_, ScanAndGather()});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 10}}, true});
  const StartTask scan = TakeStart();
  Finish(scan);
  const StartTask reader = TakeStart();
  Tell(TaskFailed{reader.task, Error{errors::PAGE_TRANSPORT_ERROR, "corrupt block", {}, {}}, scan.task});
  const StartTask again = TakeStart();
  EXPECT_EQ(again.task.fragment, scan.task.fragment);
  EXPECT_EQ(again.task.attempt.value, 1u);
  Finish(again);
  const StartTask second_reader = TakeStart();
  EXPECT_EQ((*second_reader.inputs[0].outputs)[0].attempt.value, 1u);
  Finish(second_reader);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(SchedulerTest, MakesOutputsAgainThatDieWithTheirNode) {
  Join("a", 1);
  QueryPlan plan = ScanAndGather();
  plan.outputs_die_with_node = true;
  Tell(SubmitQuery{query_, plan});
  Tell(SplitsAdded{query_, {1}, 7, {}, true});
  const StartTask scan = TakeStart();
  Finish(scan);
  TakeStart();
  Join("b", 1);
  Tell(NodeLost{{"a"}, Error{}});
  EXPECT_EQ(TakeStart().task.fragment, scan.task.fragment);
}

TEST_F(SchedulerTest, TakesTheLateResultOfALostNode) {
  Join("a", 1);
  Join("b", 1);
  Tell(SubmitQuery{query_, OneTask()});
  const StartTask first = TakeStart();
  Tell(NodeLost{first.node, Error{}});
  const StartTask second = TakeStart();
  Finish(first);
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task, second.task);
  const auto finished = Take<QueryFinished>();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ((*finished[0].outputs)[0].attempt.value, 0u);
  Finish(second);
  EXPECT_TRUE(commands_.empty());
}

TEST_F(SchedulerTest, FailsWhenNoNodeComes) {
  Tell(SubmitQuery{query_, OneTask()});
  ASSERT_EQ(scheduler_.NextWakeup(), now_ + seconds(120));
  now_ += seconds(120);
  Tell(Tick{});
  const auto failed = Take<QueryFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].error.code, errors::NO_NODES_AVAILABLE);
  EXPECT_EQ(failed[0].error.message, "No nodes available to run query");
  EXPECT_FALSE(scheduler_.NextWakeup());
}

TEST_F(SchedulerTest, ABusyClusterIsNotAnAbsentOne) {
  Tell(SubmitQuery{{"one"}, OneTask()});
  Tell(SubmitQuery{{"two"}, OneTask()});
  Join("a", 1);
  EXPECT_FALSE(scheduler_.NextWakeup());
  now_ += seconds(1000);
  Tell(Tick{});
  EXPECT_TRUE(Take<QueryFailed>().empty());
}

TEST_F(SchedulerTest, ARestartedNodeLosesItsTasks) {
  Join("a", 1);
  Tell(SubmitQuery{query_, OneTask()});
  TakeStart();
  Join("a", 1, "2");
  EXPECT_EQ(TakeStart().task.attempt.value, 1u);
  Tell(NodeLost{{"a"}, Error{}, "1"});
  EXPECT_TRUE(Take<StartTask>().empty());
}

TEST_F(SchedulerTest, CoordinatorTasksNeedNoSlot) {
  Tell(NodeJoined{{"c"}, "1", 0, 0, true});
  QueryPlan plan = OneTask();
  plan.fragments[0].distribution = Distribution::kCoordinator;
  Tell(SubmitQuery{query_, plan});
  EXPECT_EQ(TakeStart().node.value, "c");
}

TEST_F(SchedulerTest, TakesTurnsBetweenQueries) {
  QueryPlan plan = ScanAndGather();
  plan.limits.max_task_split_count = 1;
  for (const char* id : {"one", "two"}) {
    Tell(SubmitQuery{{id}, plan});
    Tell(SplitsAdded{{id}, {1}, 7, {{0, 1}, {1, 1}, {2, 1}, {3, 1}}, true});
  }
  Join("a", 4);
  int of_one = 0;
  const auto starts = Take<StartTask>();
  for (const StartTask& start : starts) of_one += start.task.query.value == "one";
  EXPECT_EQ(starts.size(), 4u);
  EXPECT_EQ(of_one, 2);
}

TEST_F(SchedulerTest, MergesHashPartitionsBySize) {
  Join("a", 2);
  QueryPlan plan;
  plan.fragments = {{{0}, Distribution::kHash, {{{1}, InputMode::kPartitioned}}, {}, 1, 0},
                    {{1}, Distribution::kSource, {}, {7}, 4, 0}};
  Tell(SubmitQuery{query_, plan});
  Tell(SplitsAdded{query_, {1}, 7, {}, true});
  Finish(TakeStart(), {{30 << 20, 1}, {0, 0}, {10 << 20, 1}, {20 << 20, 1}});
  const auto tasks = Take<StartTask>();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].inputs[0].partitions, (std::vector<uint32_t>{0}));
  EXPECT_EQ(tasks[1].inputs[0].partitions, (std::vector<uint32_t>{1, 2, 3}));
}

TEST_F(SchedulerTest, TasksThatShareAPartitionReadSomeOfItsProducersEach) {
  Join("a", 2);
  QueryPlan plan;
  plan.fragments = {{{0}, Distribution::kHash, {{{1}, InputMode::kPartitioned, true}}, {}, 1, 0},
                    {{1}, Distribution::kSource, {}, {7}, 1, 0}};
  plan.limits.max_task_split_count = 1;
  plan.limits.hash_task_target_bytes = 8 << 20;
  Tell(SubmitQuery{query_, plan});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 1}, {1, 1}}, true});
  for (const StartTask& scan : Take<StartTask>()) Finish(scan, {{20 << 20, 1}});
  const auto tasks = Take<StartTask>();
  ASSERT_EQ(tasks.size(), 2u);
  for (uint32_t i = 0; i < 2; ++i) {
    ASSERT_EQ(tasks[i].inputs[0].outputs->size(), 1u);
    EXPECT_EQ(tasks[i].inputs[0].outputs->at(0).partition.value, i);
  }
}

TEST_F(SchedulerTest, RefusesPlansThatCannotRun) {
  QueryPlan circle = ScanAndGather();
  circle.fragments[1].inputs = {{{0}, InputMode::kGather}};
  Tell(SubmitQuery{query_, circle});
  QueryPlan unknown = ScanAndGather();
  unknown.fragments[0].inputs = {{{9}, InputMode::kGather}};
  Tell(SubmitQuery{query_, unknown});
  QueryPlan no_partitions = ScanAndGather();
  no_partitions.fragments[0].distribution = Distribution::kHash;
  Tell(SubmitQuery{query_, no_partitions});
  Tell(SubmitQuery{query_, QueryPlan{}});
  EXPECT_EQ(Take<QueryFailed>().size(), 4u);
}

TEST_F(SchedulerTest, KeepsTheResultUntilItIsForgotten) {
  Join("a", 1);
  Tell(SubmitQuery{query_, ScanAndGather()});
  Tell(SplitsAdded{query_, {1}, 7, {}, true});
  Finish(TakeStart());
  Finish(TakeStart());
  const auto deleted = Take<DeleteExchange>();
  ASSERT_EQ(deleted.size(), 1u);
  EXPECT_EQ(deleted[0].fragment, FragmentId{1});
  Tell(ForgetQuery{query_});
  EXPECT_EQ(Take<DeleteExchange>().size(), 1u);
  EXPECT_TRUE(scheduler_.Stages(query_).empty());
}

}  // namespace
}  // namespace planaria::scheduler
