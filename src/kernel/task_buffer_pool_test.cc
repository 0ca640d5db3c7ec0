#include "kernel/task_buffer_pool.h"

#include <gtest/gtest.h>

#include <thread>

#include "duckdb/storage/buffer_manager.hpp"
#include "kernel/engine.h"
#include "kernel/task_meter.h"

namespace planaria::kernel {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kLimit = 64 << 20;
constexpr uint64_t kMost = 48 << 20;
constexpr uint64_t kSome = 24 << 20;

class TaskBufferPoolTest : public ::testing::Test {
 protected:
  explicit TaskBufferPoolTest(Duration wait = 30s)
      : engine_({.threads = 1, .memory_limit = kLimit, .temp_directory = {}, .longest_memory_wait = wait}) {}

  /// Pinned memory of `task`.
  duckdb::BufferHandle Allocate(TaskMeter& task, uint64_t bytes) {
    task.Enter();
    try {
      auto handle = engine_.instance().GetBufferManager().Allocate(duckdb::MemoryTag::ORDER_BY, bytes, false);
      task.Leave();
      return handle;
    } catch (const std::exception&) {
      task.Leave();
      throw;
    }
  }
  void AwaitWaiting(uint32_t threads) {
    while (engine_.WaitingForMemory() != threads) std::this_thread::sleep_for(1ms);
  }

  Engine engine_;
  TaskMeter large_, small_;
};

class ImpatientPoolTest : public TaskBufferPoolTest {
 protected:
  ImpatientPoolTest() : TaskBufferPoolTest(Duration(50ms)) {}
};

TEST_F(TaskBufferPoolTest, WaitsForWhatOthersHold) {
  auto held = Allocate(large_, kMost);
  EXPECT_GE(large_.memory_bytes(), kMost);
  uint64_t got = 0;
  std::thread waiter([&] {
    const auto handle = Allocate(small_, kSome);
    got = small_.memory_bytes();
  });
  AwaitWaiting(1);
  EXPECT_EQ(got, 0u);
  held.Destroy();
  waiter.join();
  EXPECT_GE(got, kSome);
  EXPECT_EQ(engine_.WaitingForMemory(), 0u);
  EXPECT_LT(large_.memory_bytes(), kSome);
}

TEST_F(TaskBufferPoolTest, ATaskThatIsStoppedWaitsNoLonger) {
  const auto held = Allocate(large_, kMost);
  std::thread waiter([&] { EXPECT_ANY_THROW(Allocate(small_, kSome)); });
  AwaitWaiting(1);
  small_.Stop();
  waiter.join();
}

TEST_F(TaskBufferPoolTest, WhoHoldsNearlyAllItselfIsRefusedAtOnce) {
  const auto held = Allocate(large_, kMost);
  EXPECT_ANY_THROW(Allocate(large_, kSome));
}

TEST_F(TaskBufferPoolTest, WhoWorksForNoTaskIsRefusedAtOnce) {
  const auto held = Allocate(large_, kMost);
  EXPECT_ANY_THROW(engine_.instance().GetBufferManager().Allocate(duckdb::MemoryTag::ORDER_BY, kSome, false));
}

TEST_F(TaskBufferPoolTest, CachesAreNobodys) {
  large_.Enter();
  const auto cached = engine_.instance().GetBufferManager().Allocate(duckdb::MemoryTag::EXTERNAL_FILE_CACHE,
                                                                     uint64_t{kSome}, true);
  large_.Leave();
  EXPECT_EQ(large_.memory_bytes(), 0u);
}

TEST_F(ImpatientPoolTest, AWaitHasAnEnd) {
  const auto held = Allocate(large_, kMost);
  EXPECT_ANY_THROW(Allocate(small_, kSome));
}

}  // namespace
}  // namespace planaria::kernel
