#include <gtest/gtest.h>

#include <numeric>

#include "scheduler/hash_cutter.h"
#include "scheduler/hash_packer.h"
#include "scheduler/split_assigner.h"

namespace planaria::scheduler {
namespace {

constexpr uint64_t kMegabyte = 1 << 20;

std::vector<SplitInfo> Splits(uint32_t first, uint32_t count, uint64_t bytes) {
  std::vector<SplitInfo> splits;
  for (uint32_t i = 0; i < count; ++i) splits.push_back({first + i, bytes});
  return splits;
}

TEST(SplitAssignerTest, SpreadsASmallTableOverTheNodes) {
  SplitAssigner assigner({1}, QueryLimits{}, SplitAssigner::Mode::kBySize);
  const auto tasks = assigner.Add(1, Splits(0, 100, 10 * kMegabyte), true, 12);
  ASSERT_EQ(tasks.size(), 12u);
  for (const TaskSplits& task : tasks) EXPECT_NEAR(task[0].splits.size(), 8.3, 0.8);
}

TEST(SplitAssignerTest, KeepsATinyTableInOneTask) {
  SplitAssigner assigner({1}, QueryLimits{}, SplitAssigner::Mode::kBySize);
  EXPECT_EQ(assigner.Add(1, Splits(0, 10, 1000), true, 12).size(), 1u);
}

TEST(SplitAssignerTest, GivesOneTaskWithoutAnySplit) {
  SplitAssigner assigner({1, 2}, QueryLimits{}, SplitAssigner::Mode::kBySize);
  EXPECT_TRUE(assigner.Add(1, {}, true, 12).empty());
  const auto tasks = assigner.Add(2, {}, true, 12);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].size(), 2u);
  EXPECT_TRUE(assigner.Add(2, Splits(0, 3, 1), true, 12).empty());
}

TEST(SplitAssignerTest, CutsAHugeTableAsItComesWithAGrowingTarget) {
  SplitAssigner assigner({1}, QueryLimits{}, SplitAssigner::Mode::kBySize);
  size_t first = 0;
  std::vector<size_t> sizes;
  for (uint32_t batch = 0; batch < 100; ++batch) {
    const auto tasks = assigner.Add(1, Splits(batch * 100, 100, 64 * kMegabyte), batch == 99, 10);
    if (batch == 0) first = tasks.size();
    for (const TaskSplits& task : tasks) sizes.push_back(task[0].splits.size());
  }
  EXPECT_EQ(first, 12u);
  EXPECT_EQ(sizes.front(), 8u);
  // 1.26 * 512MB is used as 512MB still, 1.26^3 * 512MB as 1GB.
  EXPECT_EQ(sizes[64 * 3 + 1], 16u);
  EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), size_t{0}), 10000u);
}

TEST(SplitAssignerTest, CapsTheSplitsOfATask) {
  QueryLimits limits;
  limits.max_task_split_count = 5;
  SplitAssigner assigner({1}, limits, SplitAssigner::Mode::kBySize);
  EXPECT_EQ(assigner.Add(1, Splits(0, 12, 1), true, 1).size(), 3u);
}

TEST(SplitAssignerTest, StartsSmallWhereAFewRowsMayBeEnough) {
  SplitAssigner assigner({1}, QueryLimits{}, SplitAssigner::Mode::kStartSmall);
  auto tasks = assigner.Add(1, Splits(0, 10, 512 * kMegabyte), false, 4);
  ASSERT_EQ(tasks.size(), 7u);
  EXPECT_EQ(tasks[0][0].splits.size(), 1u);
  EXPECT_EQ(tasks[6][0].splits.size(), 2u);
  tasks = assigner.Add(1, Splits(10, 4, 512 * kMegabyte), true, 4);
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[1][0].splits.size(), 2u);

  SplitAssigner empty({1}, QueryLimits{}, SplitAssigner::Mode::kStartSmall);
  EXPECT_EQ(empty.Add(1, {}, true, 4).size(), 1u);
}

TEST(SplitAssignerTest, NeverCutsASingleTask) {
  SplitAssigner assigner({1}, QueryLimits{}, SplitAssigner::Mode::kOneTask);
  EXPECT_TRUE(assigner.Add(1, Splits(0, 3000, 64 * kMegabyte), false, 4).empty());
  const auto tasks = assigner.Add(1, Splits(3000, 1, 0), true, 4);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0][0].splits.size(), 3001u);
}

TEST(HashPackerTest, UsesOneTaskForLittleInput) {
  EXPECT_EQ(PackHashPartitions(std::vector<uint64_t>(50, 1000), {3, 12}, {}).size(), 1u);
  EXPECT_EQ(PackHashPartitions(std::vector<uint64_t>(50, 0), {3, 12}, {}).size(), 1u);
  EXPECT_EQ(PackHashPartitions({}, {0, 0}, {}).size(), 1u);
}

TEST(HashPackerTest, KeepsAllNodesBusyAndTasksSmall) {
  EXPECT_EQ(PackHashPartitions(std::vector<uint64_t>(50, 10 * kMegabyte), {6, 24}, {}).size(), 12u);
  EXPECT_EQ(PackHashPartitions(std::vector<uint64_t>(50, 512 * kMegabyte), {3, 12}, {}).size(), 50u);
}

TEST(HashPackerTest, PutsABigPartitionAlone) {
  std::vector<uint64_t> bytes(9, 8 * kMegabyte);
  bytes[4] = 64 * kMegabyte;
  const auto tasks = PackHashPartitions(bytes, {1, 2}, {});
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0], std::vector<uint32_t>{4});
  EXPECT_EQ(tasks[1].size(), 8u);
}

TEST(HashPackerTest, TasksReadNeighboursWhereTheseAreEven) {
  const auto tasks = PackHashPartitions(std::vector<uint64_t>(50, 10 * kMegabyte), {6, 24}, {});
  uint32_t next = 0;
  for (const std::vector<uint32_t>& task : tasks) {
    EXPECT_TRUE(task.size() == 4 || task.size() == 5);
    for (const uint32_t partition : task) EXPECT_EQ(partition, next++);
  }
  EXPECT_EQ(next, 50u);
}

TEST(HashCutterTest, SharesASkewedPartitionOfTheProbeSide) {
  const HashInput probe{0, {2000 * kMegabyte, 100 * kMegabyte, 100 * kMegabyte, 0}, true, 10};
  const HashInput build{1, {kMegabyte, kMegabyte, kMegabyte, 0}, false, 3};
  const auto tasks = CutHashTasks({probe, build}, {1, 2}, {}, false);
  std::vector<uint32_t> whole;
  uint32_t pieces = 0;
  for (const TaskWork& task : tasks) {
    if (!task.slice) {
      whole.insert(whole.end(), task.reads.begin(), task.reads.end());
      continue;
    }
    EXPECT_EQ(task.reads, std::vector<uint32_t>{0});
    EXPECT_EQ(task.slice->input, 0u);
    EXPECT_EQ(task.slice->index, pieces++);
    EXPECT_EQ(task.slice->count, 4u);
  }
  EXPECT_EQ(pieces, 4u);
  std::sort(whole.begin(), whole.end());
  EXPECT_EQ(whole, (std::vector<uint32_t>{1, 2, 3}));
}

TEST(HashCutterTest, KeepsAPartitionWholeWhenTheOtherSideIsLargeToo) {
  const HashInput probe{0, {2000 * kMegabyte, 0}, true, 10};
  const HashInput build{1, {500 * kMegabyte, 0}, false, 3};
  EXPECT_EQ(CutHashTasks({probe, build}, {1, 2}, {}, false).size(), 1u);
}

TEST(HashCutterTest, WritersKeepTheirPartitionsApart) {
  const HashInput rows{0, {10 * kMegabyte, 0, 30 * kMegabyte}, false, 10};
  const auto tasks = CutHashTasks({rows}, {1, 1}, {}, true);
  ASSERT_EQ(tasks.size(), 3u);
  EXPECT_EQ(tasks[2].reads, std::vector<uint32_t>{1}) << "empty ones are read together";
  const HashInput little{0, {1000, 1000}, false, 10};
  EXPECT_EQ(CutHashTasks({little}, {1, 1}, {}, true).size(), 1u);
}

}  // namespace
}  // namespace planaria::scheduler
