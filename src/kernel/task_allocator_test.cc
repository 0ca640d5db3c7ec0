#include "kernel/task_allocator.h"

#include <gtest/gtest.h>

#include <thread>

#include "kernel/engine.h"
#include "kernel/task_state.h"

namespace planaria::kernel {
namespace {

class TaskAllocatorTest : public ::testing::Test {
 protected:
  duckdb::unique_ptr<duckdb::Allocator> allocator_ = MakeTaskAllocator();
  TaskMeter meter_;
};

TEST_F(TaskAllocatorTest, ChargesWhoeverTheThreadWorksFor) {
  auto before = allocator_->Allocate(100'000);
  meter_.Enter();
  auto first = allocator_->Allocate(100'000);
  auto small = allocator_->Allocate(1000);
  EXPECT_EQ(meter_.memory_bytes(), 100'000u);
  TaskMeter other;
  other.Enter();
  auto second = allocator_->Allocate(50'000);
  other.Leave();
  auto third = allocator_->Allocate(40'000);
  meter_.Leave();
  auto after = allocator_->Allocate(100'000);
  EXPECT_EQ(meter_.memory_bytes(), 140'000u);
  EXPECT_EQ(other.memory_bytes(), 50'000u);
  // Freed by a thread that works for nobody.
  std::thread([&] { first.Reset(); }).join();
  EXPECT_EQ(meter_.memory_bytes(), 40'000u);
}

TEST_F(TaskAllocatorTest, WhatGrowsStaysItsOwners) {
  meter_.Enter();
  duckdb::data_ptr_t pointer = allocator_->AllocateData(40'000);
  meter_.Leave();
  pointer = allocator_->ReallocateData(pointer, 40'000, 90'000);
  EXPECT_EQ(meter_.memory_bytes(), 90'000u);
  allocator_->FreeData(pointer, 90'000);
  EXPECT_EQ(meter_.memory_bytes(), 0u);
}

TEST_F(TaskAllocatorTest, AnAllocationOutlivesItsTask) {
  auto meter = std::make_unique<TaskMeter>();
  meter->Enter();
  auto kept = allocator_->Allocate(100'000);
  meter->Leave();
  meter.reset();
  kept.Reset();
}

TEST_F(TaskAllocatorTest, OperatorsOfAnEngineAreAccounted) {
  Engine engine({.threads = 2, .memory_limit = 0, .temp_directory = {}});
  const auto connection = engine.Connect();
  const auto task = std::make_shared<TaskContext>();
  connection->context->registered_state->Insert(TaskState::kKey, duckdb::make_shared_ptr<TaskState>(task));
  uint64_t most = 0, most_of_engine = 0;
  {
    auto pending = connection->PendingQuery(
        "SELECT count(*) FROM (SELECT range AS k, max(range) FROM range(2000000) GROUP BY k)");
    ASSERT_FALSE(pending->HasError()) << pending->GetError();
    while (!duckdb::PendingQueryResult::IsResultReady(pending->ExecuteTask())) {
      most = std::max(most, task->meter->memory_bytes());
      most_of_engine = std::max(most_of_engine, engine.OperatorMemory());
    }
    ASSERT_FALSE(pending->Execute()->HasError());
  }
  EXPECT_GT(most_of_engine, 16u << 20);
  EXPECT_GT(most, most_of_engine / 10 * 7);
  EXPECT_LT(most, most_of_engine / 10 * 15);
  // Caches may stay; the rows of the aggregation do not.
  EXPECT_LT(task->meter->memory_bytes(), most / 10);
}

}  // namespace
}  // namespace planaria::kernel
