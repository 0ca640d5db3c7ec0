#include "env/serial_executor.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace planaria {
namespace {

using namespace std::chrono_literals;

TEST(SerialExecutor, RunsInOrderOnOneThread) {
  SerialExecutor executor;
  std::vector<int> order;
  std::promise<void> done;
  executor.RunAfter(30ms, [&] { order.push_back(3); });
  executor.RunAfter(20ms, [&] { order.push_back(2); });
  TimerHandle cancelled = executor.RunAfter(25ms, [&] { order.push_back(-1); });
  executor.Post([&] {
    order.push_back(0);
    executor.Post([&] { order.push_back(1); });
  });
  executor.RunAfter(40ms, [&] { done.set_value(); });
  EXPECT_TRUE(cancelled.Cancel());
  EXPECT_FALSE(cancelled.Cancel());
  done.get_future().wait();
  executor.Stop();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(SerialExecutor, NothingRunsAfterStop) {
  SerialExecutor executor;
  executor.Stop();
  bool ran = false;
  executor.Post([&] { ran = true; });
  executor.RunAfter(0ms, [&] { ran = true; });
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace planaria
