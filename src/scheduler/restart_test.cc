#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

using std::chrono::seconds;

/// A query that had run before the coordinator was restarted: four scans hashed into one aggregation.
class RestartTest : public SchedulerTest {
 protected:
  void Restore() {
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kHash, {{{1}, InputMode::kPartitioned}}, {}, 1, 0},
                      {{1}, Distribution::kSource, {}, {7}, 4, 0}};
    Tell(SubmitQuery{query_, plan});
    Tell(CutRestored{{query_, {1}, {{{{7, {2}}}, {}}, {{{7, {0, 1}}}, {}}}, false}});
    Tell(SplitsAdded{query_, {1}, 7, {{0, 512 << 20}, {1, 512 << 20}, {2, 512 << 20}, {3, 512 << 20}}, true});
  }
  TaskId Scan(uint32_t partition, uint32_t attempt = 0) { return {query_, {1}, {partition}, {attempt}}; }
  void Pass(Duration time) {
    now_ += time;
    Tell(Tick{});
  }
};

TEST_F(RestartTest, CutsAsBefore) {
  Restore();
  const auto cuts = Take<StageCut>();
  ASSERT_EQ(cuts.size(), 1u);
  ASSERT_EQ(cuts[0].tasks.size(), 1u) << "only what was not cut before";
  EXPECT_EQ(cuts[0].tasks[0].splits[0].splits, std::vector<uint32_t>{3});
  Join("a", 4);
  const auto starts = Take<StartTask>();
  ASSERT_EQ(starts.size(), 3u);
  EXPECT_EQ(starts[0].splits[0].splits, std::vector<uint32_t>{2});
  EXPECT_EQ(starts[1].splits[0].splits, (std::vector<uint32_t>{0, 1}));
}

TEST_F(RestartTest, KeepsCommittedOutputs) {
  Restore();
  Tell(OutputRestored{Scan(0, 2), {"a"}, {{{100, 1}}, nullptr}});
  Tell(OutputRestored{Scan(1), {"a"}, {{{100, 1}}, nullptr}});
  Tell(OutputRestored{Scan(2), {"b"}, {{{100, 1}}, nullptr}});
  Join("c", 1);
  const StartTask reader = TakeStart();
  EXPECT_EQ(reader.task.fragment.value, 0u);
  ASSERT_EQ(reader.inputs[0].outputs->size(), 3u);
  EXPECT_EQ(reader.inputs[0].outputs->at(0).attempt.value, 2u);
  EXPECT_EQ(reader.inputs[0].outputs->at(2).node.value, "b");
  Finish(reader);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(RestartTest, AFinishedQueryFinishesAgain) {
  Tell(SubmitQuery{query_, OneTask()});
  Tell(OutputRestored{{query_, {0}, {0}, {1}}, {"a"}, {}});
  const auto finished = Take<QueryFinished>();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].outputs->at(0).attempt.value, 1u);
}

TEST_F(RestartTest, AdoptsWhatStillRuns) {
  Restore();
  Tell(AttemptRestored{Scan(0, 1), {"a"}});
  Tell(AttemptRestored{Scan(1), {"a"}});
  Join("a", 3);
  Tell(TaskAdopted{Scan(0, 1), {"a"}});
  EXPECT_EQ(TakeStart().task.partition.value, 2u) << "two slots are taken by what may still run";
  Pass(seconds(5));
  const StartTask again = TakeStart();
  EXPECT_EQ(again.task.partition.value, 1u);
  EXPECT_EQ(again.task.attempt.value, 1u);
  Tell(TaskFinished{Scan(0, 1), {}});
  EXPECT_EQ(scheduler_.Stages(query_)[0].completed_tasks, 1u);
}

TEST_F(RestartTest, RunsAgainWhatNodesDoNotComeBackWith) {
  Restore();
  for (uint32_t partition = 0; partition < 3; ++partition) Tell(AttemptRestored{Scan(partition), {"a"}});
  Join("b", 3);
  EXPECT_TRUE(Take<StartTask>().empty());
  Pass(seconds(10));
  EXPECT_EQ(Take<StartTask>().size(), 3u);
  // It had finished while the coordinator was away.
  Tell(TaskFinished{Scan(0), {}});
  EXPECT_EQ(Take<CancelTask>().size(), 1u);
  EXPECT_EQ(scheduler_.Stages(query_)[0].completed_tasks, 1u);
}

TEST_F(RestartTest, StopsTasksThatNobodyKnows) {
  Join("a", 1);
  Tell(TaskAdopted{Scan(0), {"a"}});
  EXPECT_EQ(Take<CancelTask>().size(), 1u);
}

TEST_F(RestartTest, CountsWhatHadFailed) {
  QueryPlan plan = OneTask();
  plan.limits.task_retry_attempts = 2;
  Tell(SubmitQuery{query_, plan});
  const auto attempt = [&](uint32_t number) { return TaskId{query_, {0}, {0}, {number}}; };
  for (uint32_t number = 0; number < 2; number++) {
    Tell(AttemptRestored{attempt(number), {"a"}});
    Tell(TaskFailed{attempt(number), Error{errors::GENERIC_INTERNAL_ERROR, "broke", {}, {}}});
  }
  Join("a", 1);
  Pass(seconds(30));
  const StartTask last = TakeStart();
  EXPECT_EQ(last.task, attempt(2));
  Fail(last, errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(Take<QueryFailed>().size(), 1u);
}

TEST_F(RestartTest, AnAttemptThatAnEarlierStartHadGivenUpRunsAgain) {
  QueryPlan plan = OneTask();
  plan.limits.task_retry_attempts = 0;
  Tell(SubmitQuery{query_, plan});
  const TaskId given_up{query_, {0}, {0}, {0}};
  Tell(AttemptRestored{given_up, {"a"}});
  Join("a", 1);
  Tell(TaskFailed{given_up, Error{errors::USER_CANCELED, "Task was cancelled", {}, {}}});
  EXPECT_EQ(TakeStart().task.attempt.value, 1u);
}

}  // namespace
}  // namespace planaria::scheduler
