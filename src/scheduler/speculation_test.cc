#include "scheduler/speculation.h"

#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(StragglerWatchTest, SuspectsTheLongestRunningOnceHalfHaveFinished) {
  StragglerWatch watch;
  const TimePoint start{};
  for (uint32_t task = 0; task < 4; ++task) watch.Started(task, start + seconds(task));
  watch.Ended(1, start + seconds(1));
  watch.Finished(seconds(2));
  EXPECT_FALSE(watch.due(4)) << "one of four tells little";
  watch.Ended(2, start + seconds(2));
  watch.Finished(seconds(2));
  ASSERT_TRUE(watch.due(4));
  EXPECT_FALSE(watch.Find(4, start + seconds(4)));
  EXPECT_EQ(watch.Find(4, start + seconds(5)), 0u);
}

TEST(StragglerWatchTest, NeverSuspectsShortTasks) {
  StragglerWatch watch;
  watch.Started(0, TimePoint{});
  watch.Finished(milliseconds(1));
  EXPECT_EQ(watch.due(2), TimePoint{} + seconds(1));
}

class SpeculationTest : public SchedulerTest {
 protected:
  /// Three tasks of a scan, two of which finish after two seconds.
  StartTask MakeStraggler() {
    Join("a", 3);
    Join("b", 3);
    QueryPlan plan = ScanAndGather();
    plan.limits.max_task_split_count = 1;
    plan.limits.task_retry_attempts = 1;
    Tell(SubmitQuery{query_, plan});
    Tell(SplitsAdded{query_, {1}, 7, {{0, 1}, {1, 1}, {2, 1}}, true});
    auto tasks = Take<StartTask>();
    EXPECT_EQ(tasks.size(), 3u);
    now_ += seconds(2);
    Finish(tasks[1]);
    Finish(tasks[2]);
    return tasks[0];
  }
  StartTask MakeCopy() {
    const StartTask original = MakeStraggler();
    EXPECT_TRUE(Take<StartTask>().empty());
    EXPECT_TRUE(scheduler_.NextWakeup());
    now_ = *scheduler_.NextWakeup();
    Tell(Tick{});
    return TakeStart();
  }
};

TEST_F(SpeculationTest, CopiesAStragglerOnAnotherNode) {
  const StartTask copy = MakeCopy();
  EXPECT_EQ(copy.task.partition.value, 0u);
  EXPECT_EQ(copy.task.attempt.value, 1u);
  EXPECT_EQ(copy.node.value, "b");
  now_ += seconds(100);
  Tell(Tick{});
  EXPECT_TRUE(Take<StartTask>().empty()) << "one copy is enough";
  EXPECT_EQ(scheduler_.Stages(query_)[0].running_tasks, 1u);
  Finish(copy);
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task.attempt.value, 0u);
  EXPECT_EQ(TakeStart().inputs[0].outputs->at(0).attempt.value, 1u);
}

TEST_F(SpeculationTest, TheOriginalMayStillWin) {
  const StartTask copy = MakeCopy();
  Tell(TaskFinished{{query_, {1}, {0}, {0}}, {}});
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task, copy.task);
}

TEST_F(SpeculationTest, AFailedCopyIsNotHeldAgainstItsTask) {
  StartTask copy = MakeCopy();
  for (int i = 0; i < 3; ++i) {
    Fail(copy, errors::REMOTE_HOST_GONE);
    EXPECT_TRUE(Take<QueryFailed>().empty());
    EXPECT_TRUE(Take<StartTask>().empty());
  }
  Tell(TaskFinished{{query_, {1}, {0}, {0}}, {}});
  EXPECT_EQ(TakeStart().task.fragment.value, 0u);
}

TEST_F(SpeculationTest, ACopyTakesOverWhenTheOriginalFails) {
  const StartTask copy = MakeCopy();
  Tell(NodeLost{{"a"}, Error{}});
  EXPECT_TRUE(Take<StartTask>().empty());
  Finish(copy);
  EXPECT_EQ(TakeStart().task.fragment.value, 0u);
}

TEST_F(SpeculationTest, OnlyWithSlotsThatNobodyElseWants) {
  MakeStraggler();
  for (int i = 0; i < 10; ++i) Tell(SubmitQuery{{"other" + std::to_string(i)}, OneTask()});
  Take<StartTask>();
  now_ += seconds(100);
  Tell(Tick{});
  EXPECT_TRUE(Take<StartTask>().empty());
}

}  // namespace
}  // namespace planaria::scheduler
