#include "worker/memory_gauge.h"

#include <gtest/gtest.h>

#include <memory>

namespace planaria::worker {
namespace {

const Error kRefused{errors::EXCEEDED_LOCAL_MEMORY_LIMIT, "could not allocate", {}, {}};

TEST(MemoryGauge, ThePeakIsTheLargestShare) {
  uint64_t held = 600;
  MemoryGauge gauge([&] { return held; });
  MemoryGauge::Task alone(gauge);
  alone.Sample();
  EXPECT_EQ(alone.peak(), 600u);
  MemoryGauge::Task second(gauge);
  held = 1000;
  alone.Sample();
  second.Sample();
  EXPECT_EQ(alone.peak(), 600u);
  EXPECT_EQ(second.peak(), 500u);
}

TEST(MemoryGauge, AloneATaskIsToBlameAmongOthersTheNode) {
  MemoryGauge gauge([] { return 0; });
  MemoryGauge::Task task(gauge);
  EXPECT_EQ(task.Judge(kRefused).code, errors::EXCEEDED_LOCAL_MEMORY_LIMIT);
  auto other = std::make_unique<MemoryGauge::Task>(gauge);
  EXPECT_EQ(task.Judge(kRefused).code, errors::CLUSTER_OUT_OF_MEMORY);
  EXPECT_EQ(task.Judge({errors::DIVISION_BY_ZERO, "", {}, {}}).code, errors::DIVISION_BY_ZERO);
  other.reset();
  EXPECT_EQ(task.Judge(kRefused).code, errors::EXCEEDED_LOCAL_MEMORY_LIMIT);
}

}  // namespace
}  // namespace planaria::worker
