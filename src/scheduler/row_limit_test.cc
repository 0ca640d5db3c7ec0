#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

class RowLimitTest : public SchedulerTest {
 protected:
  void Begin() {
    Join("a", 8);
    QueryPlan plan = ScanAndGather();
    plan.fragments[1].row_limit = 10;
    Tell(SubmitQuery{query_, plan});
    SplitsAdded splits{query_, {1}, 7, {}, false};
    for (uint32_t i = 0; i < 100; ++i) splits.splits.push_back({i, 512 << 20});
    Tell(splits);
    Take<StageCut>();
  }
};

TEST_F(RowLimitTest, StartsFewTasksAndMoreWhenTheyDoNotSuffice) {
  Begin();
  auto first = Take<StartTask>();
  ASSERT_EQ(first.size(), 4u);
  EXPECT_EQ(first[0].splits[0].splits.size(), 1u);
  Finish(first[0], {{10, 1}});
  EXPECT_EQ(Take<StartTask>().size(), 3u);
}

TEST_F(RowLimitTest, EndsAStageThatHasEnoughRows) {
  Begin();
  const auto first = Take<StartTask>();
  Finish(first[1], {{10, 10}});
  EXPECT_EQ(Take<CancelTask>().size(), 3u);
  const StartTask reader = TakeStart();
  EXPECT_EQ(reader.task.fragment.value, 0u);
  ASSERT_EQ(reader.inputs[0].outputs->size(), 1u);
  EXPECT_EQ(reader.inputs[0].outputs->at(0).partition.value, 1u);
  Finish(first[0], {{10, 10}});
  EXPECT_TRUE(commands_.empty()) << "too late";
  Tell(SplitsAdded{query_, {1}, 7, {{100, 1}}, true});
  EXPECT_TRUE(Take<StartTask>().empty());
  Finish(reader);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(RowLimitTest, OpensTheStageAgainWhenItsRowsAreLost) {
  Begin();
  const auto first = Take<StartTask>();
  Finish(first[1], {{10, 10}});
  const StartTask reader = TakeStart();
  Tell(TaskFailed{reader.task, Error{errors::PAGE_TRANSPORT_ERROR, "corrupt", {}, {}}, first[1].task});
  const auto again = Take<StartTask>();
  ASSERT_FALSE(again.empty());
  for (const StartTask& start : again) EXPECT_EQ(start.task.fragment.value, 1u);
  Finish(again[0], {{10, 10}});
  EXPECT_EQ(TakeStart().task.fragment.value, 0u);
}

}  // namespace
}  // namespace planaria::scheduler
