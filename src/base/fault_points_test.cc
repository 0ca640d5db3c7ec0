#include "base/fault_points.h"

#include <gtest/gtest.h>

#include <thread>

namespace planaria {
namespace {

TaskId Task(uint32_t fragment, uint32_t partition, uint32_t attempt) {
  return {{"20261122_190000_00001_abcde"}, {fragment}, {partition}, {attempt}};
}

FaultRule Rule(std::string point) {
  FaultRule rule;
  rule.point = std::move(point);
  rule.error = {errors::GENERIC_INTERNAL_ERROR, "injected", {}, {}};
  return rule;
}

TEST(FaultPoints, WithoutRulesNothingHappens) {
  FaultPoints points;
  EXPECT_FALSE(points.Hit("task.start", nullptr));
  points.Pass("task.start", nullptr);
  EXPECT_TRUE(points.Fired().empty());
}

TEST(FaultPoints, RulesChooseTasksAndCount) {
  FaultPoints points;
  FaultRule rule = Rule("task.start");
  rule.fragment = 1;
  rule.last_attempt = 0;
  rule.times = 2;
  points.Set({rule});
  const TaskId other_fragment = Task(2, 0, 0), again = Task(1, 0, 1), fits = Task(1, 3, 0);
  EXPECT_FALSE(points.Hit("task.finish", &fits));
  EXPECT_FALSE(points.Hit("task.start", &other_fragment));
  EXPECT_FALSE(points.Hit("task.start", &again));
  EXPECT_FALSE(points.Hit("task.start", nullptr));
  EXPECT_TRUE(points.Hit("task.start", &fits));
  EXPECT_THROW(points.Pass("task.start", &fits), TrinoException);
  EXPECT_FALSE(points.Hit("task.start", &fits)) << "only twice";
  EXPECT_EQ(points.Fired(), std::vector<uint64_t>{2});
}

TEST(FaultPoints, HangingWorkGoesOnWhenRulesAreReplaced) {
  FaultPoints points;
  FaultRule rule = Rule("spool.read");
  rule.action = FaultAction::kHang;
  points.Set({rule});
  std::thread reader([&] { points.Pass("spool.read", nullptr); });
  while (points.Fired()[0] == 0) std::this_thread::yield();
  points.Set({});
  reader.join();
}

}  // namespace
}  // namespace planaria
