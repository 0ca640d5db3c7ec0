#include "kernel/task_meter.h"

#include <gtest/gtest.h>

#include <thread>

#include "kernel/engine.h"
#include "kernel/task_state.h"

namespace planaria::kernel {
namespace {

using namespace std::chrono_literals;

/// Spends CPU time of this thread.
void Work(Duration cpu) {
  TaskMeter own;
  own.Enter();
  while (own.cpu() < cpu) {
  }
  own.Leave();
}

TEST(TaskMeterTest, CountsOnlyWhatLiesInside) {
  TaskMeter meter;
  Work(20ms);
  EXPECT_EQ(meter.cpu(), 0ns);
  meter.Enter();
  Work(20ms);
  EXPECT_GE(meter.cpu(), 20ms) << "the thread is still at work";
  meter.Leave();
  const Duration after = meter.cpu();
  EXPECT_GE(after, 20ms);
  Work(20ms);
  EXPECT_EQ(meter.cpu(), after);
}

TEST(TaskMeterTest, NestedWorkCountsOnce) {
  TaskMeter meter, outer;
  outer.Enter();
  meter.Enter();
  meter.Enter();
  Work(20ms);
  meter.Leave();
  meter.Leave();
  outer.Leave();
  EXPECT_GE(meter.cpu(), 20ms);
  EXPECT_LE(meter.cpu(), outer.cpu());
}

TEST(TaskMeterTest, AddsThreadsThatAreGone) {
  TaskMeter meter;
  for (int i = 0; i < 2; i++) {
    std::thread([&] {
      meter.Enter();
      Work(10ms);
      meter.Leave();
    }).join();
  }
  EXPECT_GE(meter.cpu(), 20ms);
}

TEST(TaskMeterTest, DuckDbTellsOfItsWork) {
  Engine engine({.threads = 2, .memory_limit = 0, .temp_directory = {}});
  const auto connection = engine.Connect();
  const auto task = std::make_shared<TaskContext>();
  connection->context->registered_state->Insert(TaskState::kKey, duckdb::make_shared_ptr<TaskState>(task));
  const auto result = connection->Query(
      "SELECT count(*) FROM (SELECT range % 1000 AS k, sum(range) FROM range(3000000) GROUP BY k)");
  ASSERT_FALSE(result->HasError()) << result->GetError();
  EXPECT_GE(task->meter->cpu(), 1ms);
}

}  // namespace
}  // namespace planaria::kernel
