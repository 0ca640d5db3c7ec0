#include "scheduler/fixture_for_test.h"
#include "scheduler/memory_estimator.h"
#include "scheduler/task_division.h"

namespace planaria::scheduler {
namespace {

constexpr uint64_t kGigabyte = uint64_t{1} << 30;

TEST(LogHistogramTest, FindsQuantilesWithinAnEighth) {
  LogHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0u);
  for (uint64_t value = 1; value <= 10000; ++value) histogram.Add(value);
  EXPECT_GE(histogram.Quantile(0.5), 5000u);
  EXPECT_LE(histogram.Quantile(0.5), 5000u * 9 / 8);
  EXPECT_GE(histogram.Quantile(1), 10000u);
}

TEST(MemoryEstimatorTest, ExpectsWhatMostTasksNeeded) {
  MemoryEstimator estimator;
  estimator.Observe(0, 0.9);
  EXPECT_EQ(estimator.expected(), 0u);
  for (int i = 0; i < 95; ++i) estimator.Observe(kGigabyte, 0.9);
  for (int i = 0; i < 5; ++i) estimator.Observe(20 * kGigabyte, 0.9);
  EXPECT_GE(estimator.expected(), kGigabyte);
  EXPECT_LE(estimator.expected(), kGigabyte * 9 / 8);
}

TEST(GrowMemoryTest, GrowsFromThePeakUpToANode) {
  const QueryLimits limits;
  EXPECT_EQ(GrowMemory(kGigabyte, 0, 0, false, limits), 3 * kGigabyte);
  EXPECT_EQ(GrowMemory(kGigabyte, 2 * kGigabyte, 64 * kGigabyte, false, limits), 6 * kGigabyte);
  EXPECT_EQ(GrowMemory(kGigabyte, 0, 2 * kGigabyte, false, limits), 2 * kGigabyte);
  EXPECT_EQ(GrowMemory(kGigabyte, 0, 64 * kGigabyte, true, limits), 64 * kGigabyte);
}

TEST(DivideTaskTest, HalvesPartitionsAndSplits) {
  const auto hash = DivideTask({{}, {1, 2, 3}}, Distribution::kHash);
  EXPECT_EQ(hash->first.reads, std::vector<uint32_t>{1});
  EXPECT_EQ(hash->second.reads, (std::vector<uint32_t>{2, 3}));
  const auto scan = DivideTask({{{7, {1}}, {8, {2, 3}}}, {}}, Distribution::kSource);
  EXPECT_EQ(scan->first.splits[0].splits, std::vector<uint32_t>{1});
  EXPECT_EQ(scan->second.splits[1].splits, (std::vector<uint32_t>{2, 3}));
  EXPECT_FALSE(DivideTask({{}, {1}}, Distribution::kHash));
  EXPECT_FALSE(DivideTask({{{7, {1, 2}}}, {}}, Distribution::kSingle));
}

class OutOfMemoryTest : public SchedulerTest {
 protected:
  void JoinWithMemory(const std::string& node, uint64_t bytes) {
    Tell(NodeJoined{{node}, "1", 4, bytes, false});
  }
  void RunOut(const StartTask& start, uint64_t peak) {
    Tell(TaskFailed{start.task, Error{errors::EXCEEDED_LOCAL_MEMORY_LIMIT, "too much", {}, {}}, {}, peak});
  }
};

TEST_F(OutOfMemoryTest, ComesBackWithMore) {
  JoinWithMemory("a", 32 * kGigabyte);
  JoinWithMemory("b", 32 * kGigabyte);
  QueryPlan plan = OneTask();
  plan.fragments[0].memory_bytes = kGigabyte;
  Tell(SubmitQuery{query_, plan});
  RunOut(TakeStart(), 2 * kGigabyte);
  const StartTask second = TakeStart();
  EXPECT_GE(second.memory_bytes, 6 * kGigabyte);
  EXPECT_LE(second.memory_bytes, 7 * kGigabyte);
  RunOut(second, 6 * kGigabyte);
  EXPECT_GE(TakeStart().memory_bytes, 18 * kGigabyte);
}

TEST_F(OutOfMemoryTest, FailsWhenNoNodeHasMore) {
  JoinWithMemory("a", 4 * kGigabyte);
  Tell(SubmitQuery{query_, OneTask()});
  RunOut(TakeStart(), 4 * kGigabyte);
  const auto failed = Take<QueryFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].error.message,
            "Cannot allocate enough memory for task q.0.0.0. Reported peak memory reservation: 4GB. Maximum "
            "possible reservation: 4GB.");
}

TEST_F(OutOfMemoryTest, IsDividedWhenMoreDidNotHelp) {
  JoinWithMemory("a", 32 * kGigabyte);
  QueryPlan plan = ScanAndGather();
  Tell(SubmitQuery{query_, plan});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 10}, {1, 10}, {2, 10}}, true});
  Take<StageCut>();
  RunOut(TakeStart(), kGigabyte);
  RunOut(TakeStart(), 3 * kGigabyte);
  const auto cuts = Take<StageCut>();
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].replaces, PartitionId{0});
  auto halves = Take<StartTask>();
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves[0].task.partition.value, 1u);
  EXPECT_EQ(halves[1].splits[0].splits, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(scheduler_.Stages(query_)[0].total_tasks, 2u);
  for (const StartTask& half : halves) Finish(half);
  const StartTask reader = TakeStart();
  ASSERT_EQ(reader.inputs[0].outputs->size(), 2u);
  EXPECT_EQ(reader.inputs[0].outputs->at(0).partition.value, 1u);
}

TEST_F(OutOfMemoryTest, LaterTasksGetWhatEarlierOnesNeeded) {
  JoinWithMemory("a", 8 * kGigabyte);
  QueryPlan plan = ScanAndGather();
  plan.limits.max_task_split_count = 1;
  Tell(SubmitQuery{query_, plan});
  SplitsAdded splits{query_, {1}, 7, {}, true};
  for (uint32_t i = 0; i < 10; ++i) splits.splits.push_back({i, 1});
  Tell(splits);
  const auto first = Take<StartTask>();
  ASSERT_EQ(first.size(), 4u);
  Tell(TaskFinished{first[0].task, {{}, nullptr, 3 * kGigabyte}});
  EXPECT_GE(TakeStart().memory_bytes, 3 * kGigabyte);
}

}  // namespace
}  // namespace planaria::scheduler
