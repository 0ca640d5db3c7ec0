#include "worker/task_input.h"

#include <gtest/gtest.h>

#include "exchange/manifest.h"
#include "exchange/spool_writer.h"
#include "storage/memory_object_store.h"

namespace planaria::worker {
namespace {

class TaskInputTest : public testing::Test {
 protected:
  TaskInputTest() {
    environment_.exchange =
        std::make_shared<storage::StoreSet>(std::vector<std::shared_ptr<storage::ObjectStore>>{
            std::make_shared<storage::MemoryObjectStore>("task_input_test")});
    environment_.locator = environment_.exchange;
  }

  /// Of a task that wrote one page of as many rows as its number and one.
  std::string Output(uint32_t partition, uint32_t attempt = 0) {
    const TaskId task{{"20260101_000000_00000_abcde"}, {1}, {partition}, {attempt}};
    exchange::SpoolWriter writer(environment_.exchange->Place(task.ToString()), 1, task);
    const uint64_t page = partition;
    writer.Append(0, reinterpret_cast<const uint8_t*>(&page), sizeof page, partition + 1);
    return writer.Finish().Serialize();
  }
  std::shared_ptr<TaskInput> Begin(std::vector<std::string> manifests) {
    protocol::InputMessage message;
    message.manifests = std::move(manifests);
    message.partitions = {0};
    message.complete = false;
    return MakeTaskInput(environment_, kReader, message, context_, {});
  }
  void Add(TaskInput& input, std::vector<std::string> manifests, std::optional<uint32_t> total = {}) {
    input.Add(manifests, total, {});
  }
  /// Rows of the pages that are there; the state that followed is in `state_`.
  uint32_t Drain(kernel::ExchangeInput& pages) {
    uint32_t rows = 0;
    kernel::Page page;
    while ((state_ = pages.Next(page, [this] { wakes_++; })) == kernel::InputState::kPage) rows += page.rows;
    return rows;
  }

  const TaskId kReader{{"20260101_000000_00000_abcde"}, {0}, {0}, {0}};
  TaskEnvironment environment_;
  const kernel::TaskContext context_;
  kernel::InputState state_ = kernel::InputState::kPage;
  int wakes_ = 0;
};

TEST_F(TaskInputTest, WaitsForWhatTheLastMessageHasOvertaken) {
  const auto input = Begin({Output(0)});
  const auto pages = input->Open();
  EXPECT_EQ(Drain(*pages), 1u);
  EXPECT_EQ(state_, kernel::InputState::kLater);
  Add(*input, {Output(2)}, 3);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(Drain(*pages), 3u);
  EXPECT_EQ(state_, kernel::InputState::kLater);
  EXPECT_FALSE(input->Rows());
  Add(*input, {Output(1)});
  EXPECT_EQ(Drain(*pages), 2u);
  EXPECT_EQ(state_, kernel::InputState::kEnd);
  EXPECT_EQ(input->Rows(), 6u);
}

TEST_F(TaskInputTest, ARepeatedMessageChangesNothing) {
  const auto input = Begin({Output(0)});
  const auto pages = input->Open();
  Add(*input, {Output(1)});
  Add(*input, {Output(1, 1)});
  EXPECT_EQ(Drain(*pages), 3u);
  EXPECT_EQ(state_, kernel::InputState::kLater);
  Add(*input, {Output(0, 1)}, 2);
  EXPECT_EQ(Drain(*pages), 0u);
  EXPECT_EQ(state_, kernel::InputState::kEnd);
}

TEST_F(TaskInputTest, ReadersPerProducerWaitForAllProducers) {
  const auto input = Begin({Output(0)});
  EXPECT_FALSE(input->OpenRuns([this] { wakes_++; }));
  Add(*input, {Output(2)}, 3);
  EXPECT_EQ(wakes_, 0);
  Add(*input, {Output(1)});
  EXPECT_EQ(wakes_, 1);
  const auto runs = input->OpenRuns({});
  ASSERT_TRUE(runs);
  EXPECT_EQ(runs->size(), 3u);
}

}  // namespace
}  // namespace planaria::worker
