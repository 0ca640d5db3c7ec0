#include "scheduler/node_pool.h"

#include <gtest/gtest.h>

#include "scheduler/failure.h"

namespace planaria::scheduler {
namespace {

NodePool TwoNodes(uint64_t memory_bytes = 0) {
  NodePool pool;
  pool.Join({"a"}, "1", 2, memory_bytes, false);
  pool.Join({"b"}, "1", 2, memory_bytes, false);
  return pool;
}

TEST(NodePoolTest, FillsTheLeastLoadedNodeFirst) {
  NodePool pool = TwoNodes();
  std::vector<NodeIndex> chosen;
  for (uint32_t i = 0; i < 4; ++i) {
    chosen.push_back(*pool.Choose({}, 0));
    pool.Lease(chosen.back(), {1, 0, i, 0}, 0, Claim::kSlot);
  }
  EXPECT_EQ(chosen, (std::vector<NodeIndex>{0, 1, 0, 1}));
  EXPECT_FALSE(pool.Choose({}, 0));
  pool.Release(1, {1, 0, 1, 0});
  EXPECT_EQ(pool.Choose({}, 0), 1u);
}

TEST(NodePoolTest, AvoidsANodeWhileAnotherIsThere) {
  NodePool pool = TwoNodes();
  EXPECT_EQ(pool.Choose({0}, 0), 1u);
  pool.Lease(1, {1, 0, 0, 0}, 0, Claim::kSlot);
  pool.Lease(1, {1, 0, 1, 0}, 0, Claim::kSlot);
  EXPECT_FALSE(pool.Choose({0}, 0)) << "b is busy, but it is there";
  pool.Lose(1);
  EXPECT_EQ(pool.Choose({0}, 0), 0u);
}

TEST(NodePoolTest, WantsMemoryFreeOrTheNodeEmpty) {
  NodePool pool = TwoNodes(100);
  EXPECT_TRUE(pool.Choose({}, 1000));
  pool.Lease(0, {1, 0, 0, 0}, 60, Claim::kSlot);
  pool.Lease(1, {1, 0, 1, 0}, 30, Claim::kSlot);
  EXPECT_EQ(pool.Choose({}, 60), 1u);
  EXPECT_FALSE(pool.Choose({}, 80));
}

TEST(NodePoolTest, DrainingEndsNewTasksOnly) {
  NodePool pool = TwoNodes();
  pool.Lease(0, {1, 0, 0, 0}, 0, Claim::kSlot);
  pool.Drain(0);
  EXPECT_EQ(pool.Choose({}, 0), 1u);
  EXPECT_EQ(pool.shape().slots, 2u);
  EXPECT_EQ(pool.Lose(0).size(), 1u);
  EXPECT_TRUE(pool.Lose(0).empty());
}

TEST(RetryDelayTest, GrowsToItsBoundAndSparesLostNodes) {
  const QueryLimits limits;
  EXPECT_EQ(RetryDelay(FailureKind::kOther, 1, limits), std::chrono::seconds(10));
  EXPECT_EQ(RetryDelay(FailureKind::kOther, 3, limits), std::chrono::seconds(40));
  EXPECT_EQ(RetryDelay(FailureKind::kOther, 1000, limits), std::chrono::minutes(1));
  EXPECT_EQ(RetryDelay(FailureKind::kNodeGone, 3, limits), Duration::zero());
  EXPECT_EQ(RetryDelay(FailureKind::kOutOfMemory, 1, limits), Duration::zero());
}

TEST(FailureHistoryTest, KeepsTheCauseAndTheLastFive) {
  FailureHistory history;
  history.Add(Error{errors::REMOTE_HOST_GONE, "0", {}, {}});
  for (int i = 1; i <= 8; ++i) history.Add(Error{errors::GENERIC_INTERNAL_ERROR, std::to_string(i), {}, {}});
  const Error verdict = history.Verdict();
  EXPECT_EQ(verdict.message, "1");
  ASSERT_EQ(verdict.suppressed.size(), 5u);
  EXPECT_EQ(verdict.suppressed.front().message, "4");
  EXPECT_EQ(verdict.suppressed.back().message, "8");
}

}  // namespace
}  // namespace planaria::scheduler
