#include <numeric>

#include "scheduler/exchange_cost.h"
#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

constexpr uint64_t kGigabyte = 1ull << 30;

TEST(ExchangeCostTest, AThousandByAThousandSmallOnesAreMerged) {
  const ExchangeSize wide{1000, 1000, 10 * kGigabyte};
  EXPECT_EQ(RequestsUnmerged(wide), 1'000'000u);
  const auto tasks = MergingTasks(wide, 10'000);
  ASSERT_TRUE(tasks);
  EXPECT_EQ(*tasks, 320u);
  EXPECT_LT(RequestsMerged(wide, *tasks), 600'000u);
  const ExchangeSize tiny{1000, 1000, kGigabyte};
  ASSERT_TRUE(MergingTasks(tiny, 10'000));
  EXPECT_LT(RequestsMerged(tiny, *MergingTasks(tiny, 10'000)), 70'000u);
}

TEST(ExchangeCostTest, LargeOnesAndNarrowOnesAreNot) {
  EXPECT_FALSE(MergingTasks({1000, 1000, 500 * kGigabyte}, 0));
  EXPECT_FALSE(MergingTasks({50, 50, kGigabyte / 10}, 10'000));
  EXPECT_FALSE(MergingTasks({1, 1000, 1000}, 0));
}

/// Nine scan tasks, what may merge them, and a hash stage of four tasks.
class MergingTest : public SchedulerTest {
 protected:
  static QueryPlan ScanMergeAndRead() {
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kHash, {{{2}, InputMode::kPartitioned}}, {}, 1, 0},
                      {{1}, Distribution::kSource, {}, {7}, 4, 0},
                      {{2}, Distribution::kHash, {{{1}, InputMode::kPartitioned}}, {}, 4, 0}};
    plan.fragments[2].merges = true;
    return plan;
  }
  void Begin(uint64_t least_saving) {
    for (const char* node : {"a", "b", "c", "d"}) Join(node, 4);
    QueryPlan plan = ScanMergeAndRead();
    plan.limits.merge_min_requests = least_saving;
    plan.limits.max_task_split_count = 1;
    plan.limits.hash_task_floor_bytes = 1;
    plan.limits.early_reading = true;
    plan.limits.speculation = false;
    Tell(SubmitQuery{query_, plan});
    SplitsAdded splits{query_, {1}, 7, {}, true};
    for (uint32_t i = 0; i < 9; ++i) splits.splits.push_back({i, 1});
    Tell(splits);
    scans_ = Take<StartTask>();
  }
  void Finish(const StartTask& scan) {
    SchedulerTest::Finish(scan, {{1000, 1}, {1000, 1}, {1000, 1}, {1000, 1}});
    for (StartTask& more : Take<StartTask>()) {
      (more.task.fragment.value == 1 ? scans_ : others_).push_back(std::move(more));
    }
  }
  void FinishScans() {
    for (size_t i = 0; i < scans_.size(); ++i) Finish(StartTask(scans_[i]));
    EXPECT_EQ(scans_.size(), 9u);
  }
  std::vector<StartTask> scans_, others_;
};

TEST_F(MergingTest, ANarrowExchangeIsLeftAloneBeforeItBegins) {
  Begin(1000);
  const auto decided = Take<MergeDecided>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided[0].fragment.value, 2u);
  EXPECT_FALSE(decided[0].merges);
  Finish(StartTask(scans_[0]));
  Finish(StartTask(scans_[1]));
  for (size_t i = 2; i < scans_.size(); ++i) Finish(StartTask(scans_[i]));
  ASSERT_FALSE(others_.empty());
  EXPECT_EQ(others_[0].task.fragment.value, 0u);
  EXPECT_EQ(others_[0].inputs[0].producer.value, 1u);
  EXPECT_EQ(scheduler_.Stages(query_).size(), 3u);
}

TEST_F(MergingTest, AWideOneIsReadAndWrittenInFewPieces) {
  Begin(2);
  EXPECT_TRUE(Take<MergeDecided>().empty());
  FinishScans();
  const auto decided = Take<MergeDecided>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_TRUE(decided[0].merges);
  ASSERT_EQ(others_.size(), 3u);
  std::vector<uint32_t> read;
  for (const StartTask& merge : others_) {
    EXPECT_EQ(merge.task.fragment.value, 2u);
    EXPECT_EQ(merge.inputs[0].partitions.size(), 4u);
    EXPECT_EQ(merge.inputs[0].outputs->size(), 3u);
    for (const CommittedOutput& output : *merge.inputs[0].outputs) read.push_back(output.partition.value);
  }
  std::sort(read.begin(), read.end());
  std::vector<uint32_t> all(9);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(read, all);
  for (const StartTask& merge : std::exchange(others_, {})) Finish(merge);
  ASSERT_FALSE(others_.empty());
  for (const StartTask& reader : std::exchange(others_, {})) {
    EXPECT_EQ(reader.task.fragment.value, 0u);
    EXPECT_EQ(reader.inputs[0].producer.value, 2u);
    SchedulerTest::Finish(reader);
  }
  const auto added = Take<AddInputs>();
  ASSERT_FALSE(added.empty());
  EXPECT_EQ(added.back().total, 3u);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(MergingTest, ALostOutputThatWasMergedIsNotMissed) {
  Begin(2);
  FinishScans();
  const std::vector<StartTask> merges = std::exchange(others_, {});
  ASSERT_EQ(merges.size(), 3u);
  Finish(merges[0]);
  Finish(merges[1]);
  // The third finds an output of its own missing.
  const CommittedOutput& lost = merges[2].inputs[0].outputs->at(0);
  Tell(TaskFailed{merges[2].task, Error{errors::REMOTE_HOST_GONE, "lost", {}, {}},
                  TaskId{query_, {1}, lost.partition, lost.attempt}});
  StartTask again = TakeStart();
  EXPECT_EQ(again.task.fragment.value, 1u);
  EXPECT_EQ(again.task.partition, lost.partition);
  SchedulerTest::Finish(again, {{1000, 1}});
  StartTask merge = TakeStart();
  EXPECT_EQ(merge.task.partition, merges[2].task.partition);
  EXPECT_EQ(merge.inputs[0].outputs->at(0).attempt.value, 1u);
}

TEST_F(MergingTest, ARestartKeepsTheDecision) {
  Join("a", 8);
  QueryPlan plan = ScanMergeAndRead();
  plan.first_attempt = 1000;
  Tell(SubmitQuery{query_, plan});
  Tell(MergeRestored{{query_, {2}, true}});
  Tell(MergeRestored{{query_, {2}, false}});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 1}}, true});
  Finish(TakeStart());
  EXPECT_TRUE(Take<MergeDecided>().empty());
  ASSERT_EQ(others_.size(), 1u);
  EXPECT_EQ(others_[0].task.fragment.value, 2u);
}

TEST_F(MergingTest, PlansThatCannotDoWithoutItAreRefused) {
  QueryPlan plan = ScanAndGather();
  plan.fragments.push_back({{2}, Distribution::kHash, {{{1}, InputMode::kPartitioned}}, {}, 2, 0});
  plan.fragments[2].merges = true;
  const auto fault = FindPlanFault(plan);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->message,
            "Fragment 2 cannot be scheduled: as one that merges: its producer writes other partitions");
}

}  // namespace
}  // namespace planaria::scheduler
