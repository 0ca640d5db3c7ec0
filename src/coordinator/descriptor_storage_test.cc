#include "coordinator/descriptor_storage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "coordinator/split_payloads.h"

namespace planaria::coordinator {
namespace {

class DescriptorStorageTest : public testing::Test {
 protected:
  DescriptorStorageTest() { std::filesystem::remove_all(directory_); }

  DescriptorStorageOptions Options(uint64_t max, uint64_t high, uint64_t low) {
    return {.directory = directory_,
            .max_bytes = max,
            .high_water_bytes = high,
            .low_water_bytes = low,
            .give_up = [this](const QueryId& query, Error error) { given_up_.emplace_back(query, error); }};
  }
  static std::string Bytes(size_t size, char with) { return std::string(size, with); }

  const QueryId query_{"q"};
  const QueryId other_{"other"};
  const std::string directory_ = testing::TempDir() + "descriptor_storage_test";
  std::vector<std::pair<QueryId, Error>> given_up_;
};

TEST_F(DescriptorStorageTest, StaysInMemoryBelowTheMark) {
  DescriptorStorage storage(Options(1000, 600, 400));
  {
    const auto a = storage.Keep(query_, Bytes(300, 'a'));
    const auto b = storage.Keep(query_, Bytes(300, 'b'));
    EXPECT_EQ(a->Read(), Bytes(300, 'a'));
    EXPECT_EQ(b->Read(), Bytes(300, 'b'));
    EXPECT_EQ(storage.memory_bytes(), 600u);
    EXPECT_EQ(storage.file_bytes(), 0u);
    EXPECT_FALSE(std::filesystem::exists(directory_)) << "nothing touches the disk";
  }
  EXPECT_EQ(storage.memory_bytes(), 0u);
}

TEST_F(DescriptorStorageTest, GoesToAFileAboveTheHighMarkUntilTheLowMark) {
  DescriptorStorage storage(Options(1000, 600, 400));
  auto a = storage.Keep(query_, Bytes(300, 'a'));
  auto b = storage.Keep(query_, Bytes(250, 'b'));
  const auto c = storage.Keep(other_, Bytes(100, 'c'));
  const auto d = storage.Keep(query_, Bytes(10, 'd'));
  EXPECT_EQ(storage.memory_bytes(), 550u);
  EXPECT_EQ(storage.file_bytes(), 110u) << "memory has not come down to the low mark";
  EXPECT_EQ(c->Read(), Bytes(100, 'c'));
  EXPECT_EQ(d->Read(), Bytes(10, 'd'));
  EXPECT_EQ(c->size(), 100u);
  b.reset();
  const auto e = storage.Keep(query_, Bytes(50, 'e'));
  EXPECT_EQ(storage.memory_bytes(), 350u);
  EXPECT_EQ(storage.file_bytes(), 110u);
  EXPECT_TRUE(given_up_.empty());
  EXPECT_TRUE(std::filesystem::is_empty(directory_)) << "the files have no names";
}

TEST_F(DescriptorStorageTest, TheLargestQueryGoesWhenFilesCannotBeWritten) {
  // A file where the directory should be.
  std::ofstream(directory_) << "in the way";
  DescriptorStorage storage(Options(1000, 600, 400));
  const auto a = storage.Keep(query_, Bytes(700, 'a'));
  EXPECT_TRUE(given_up_.empty()) << "there is still room in memory";
  EXPECT_EQ(a->Read(), Bytes(700, 'a'));
  const auto b = storage.Keep(other_, Bytes(400, 'b'));
  ASSERT_EQ(given_up_.size(), 1u);
  EXPECT_EQ(given_up_[0].first, query_);
  EXPECT_EQ(given_up_[0].second.code, errors::EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY);
  EXPECT_EQ(given_up_[0].second.message, "Task descriptor storage capacity has been exceeded: 1000B > 1100B");
  EXPECT_EQ(b->Read(), Bytes(400, 'b')) << "the other one goes on";
  const auto c = storage.Keep(query_, Bytes(100, 'c'));
  EXPECT_EQ(given_up_.size(), 1u) << "once";
  const auto d = storage.Keep(other_, Bytes(601, 'd'));
  ASSERT_EQ(given_up_.size(), 2u);
  EXPECT_EQ(given_up_[1].first, other_);
  std::filesystem::remove(directory_);
}

TEST_F(DescriptorStorageTest, MayGoBeforeWhatItKeeps) {
  auto storage = std::make_unique<DescriptorStorage>(Options(10, 4, 2));
  const auto memory = storage->Keep(query_, "abc");
  const auto file = storage->Keep(query_, "defgh");
  EXPECT_EQ(storage->file_bytes(), 5u);
  storage.reset();
  EXPECT_EQ(memory->Read(), "abc");
  EXPECT_EQ(file->Read(), "defgh");
}

TEST_F(DescriptorStorageTest, PacksPayloadsOfSplits) {
  for (const uint64_t high : {UINT64_MAX, uint64_t{50'000}}) {
    DescriptorStorage storage(Options(UINT64_MAX, high, high / 2));
    SplitPayloads payloads(storage, query_);
    constexpr uint32_t kSplits = 5000;
    const auto payload = [](uint32_t i) { return std::string(i % 60, 'x') + std::to_string(i); };
    size_t bytes = 0;
    for (uint32_t i = 0; i < kSplits; ++i) {
      payloads.Add(payload(i));
      bytes += payload(i).size();
    }
    payloads.Close();
    EXPECT_EQ(storage.memory_bytes() + storage.file_bytes(), bytes);
    EXPECT_EQ(storage.file_bytes() > 0, high != UINT64_MAX);
    SplitPayloads::Reader reader(payloads);
    for (uint32_t i = 0; i < kSplits; ++i) ASSERT_EQ(reader.Read(i), payload(i));
    for (uint32_t i = kSplits; i > 7; i -= 7) ASSERT_EQ(reader.Read(i - 1), payload(i - 1));
  }
}

}  // namespace
}  // namespace planaria::coordinator
