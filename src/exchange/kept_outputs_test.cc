#include "exchange/kept_outputs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "exchange/keeping_store.h"
#include "exchange/kept_fixture.h"
#include "storage/memory_object_store.h"

namespace planaria::exchange {
namespace {

using Found = KeptOutputs::Found;

constexpr const char* kQuery = "20261126_190000_00001_abcde";

std::string Key(int number) { return std::string(kQuery) + "/1." + std::to_string(number) + ".0"; }

class KeptOutputsTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Open(uint64_t memory_bytes, uint64_t disk_bytes) {
    kept_ = std::make_shared<KeptOutputs>(memory_, KeptOutputsOptions{memory_bytes, disk_bytes, directory_});
  }
  /// An object of pieces of 100 bytes; piece i is full of the letter 'a' + i.
  void Write(const std::string& key, int pieces) {
    const auto writing = kept_->Begin(key);
    ASSERT_TRUE(writing);
    for (int i = 0; i < pieces; i++)
      writing->Append(std::string(100, static_cast<char>('a' + i)).data(), 100);
    writing->Commit();
  }
  Found Read(const std::string& key, uint64_t offset, size_t length) {
    bytes_.assign(length, '\0');
    return kept_->Read(key, offset, length, bytes_.data());
  }

  const std::string directory_ = testing::TempDir() + "kept_outputs_" + std::to_string(getpid());
  const std::shared_ptr<HeapMemory> memory_ = std::make_shared<HeapMemory>();
  std::shared_ptr<KeptOutputs> kept_;
  std::string bytes_;
};

TEST_F(KeptOutputsTest, GivesRangesAcrossPieces) {
  Open(1000, 0);
  Write(Key(0), 3);
  EXPECT_EQ(Read(Key(0), 99, 102), Found::kAll);
  EXPECT_EQ(bytes_, "a" + std::string(100, 'b') + "c");
  EXPECT_EQ(Read(Key(0), 299, 1), Found::kAll);
  EXPECT_EQ(Read(Key(0), 299, 2), Found::kSome);
  EXPECT_EQ(Read(Key(1), 0, 1), Found::kNothing);
  EXPECT_EQ(kept_->counts().hits, 2u);
  EXPECT_EQ(kept_->counts().misses, 1u);
}

TEST_F(KeptOutputsTest, WhatIsBeingWrittenCanBeReadAndOnlyWhatIsCommittedStays) {
  Open(1000, 0);
  auto writing = kept_->Begin(Key(0));
  writing->Append("abc", 3);
  EXPECT_EQ(Read(Key(0), 0, 3), Found::kAll);
  EXPECT_EQ(Read(Key(0), 0, 4), Found::kSome);
  EXPECT_FALSE(kept_->Begin(Key(0))) << "a name is used once";
  writing.reset();
  EXPECT_EQ(Read(Key(0), 0, 3), Found::kNothing);
  EXPECT_EQ(kept_->counts().objects, 0u);
  EXPECT_EQ(memory_->bytes, 0);
}

TEST_F(KeptOutputsTest, WhatWasNotUsedForLongestGoes) {
  Open(400, 0);
  Write(Key(0), 2);
  Write(Key(1), 2);
  EXPECT_EQ(Read(Key(0), 0, 100), Found::kAll);
  Write(Key(2), 2);
  EXPECT_EQ(Read(Key(0), 0, 100), Found::kAll);
  EXPECT_EQ(Read(Key(0), 100, 100), Found::kSome);
  EXPECT_EQ(Read(Key(1), 0, 1), Found::kSome);
  EXPECT_EQ(Read(Key(1), 100, 1), Found::kAll);
  EXPECT_EQ(Read(Key(2), 0, 200), Found::kAll);
  EXPECT_EQ(kept_->counts().evicted, 2u);
  EXPECT_EQ(kept_->counts().memory_bytes, 400u);
  EXPECT_EQ(memory_->bytes, 400);
}

TEST_F(KeptOutputsTest, TheDiskTakesWhatMemoryDoesNot) {
  Open(200, 300);
  Write(Key(0), 6);
  EXPECT_EQ(Read(Key(0), 0, 350), Found::kSome) << "one piece found room nowhere";
  EXPECT_EQ(Read(Key(0), 50, 200), Found::kAll);
  EXPECT_EQ(bytes_, std::string(50, 'a') + std::string(100, 'b') + std::string(50, 'c'));
  EXPECT_EQ(Read(Key(0), 400, 200), Found::kAll);
  const KeptOutputsCounts counts = kept_->counts();
  EXPECT_EQ(counts.disk_hits, 1u);
  EXPECT_EQ(counts.demoted, 3u);
  EXPECT_EQ(counts.evicted, 1u);
  EXPECT_EQ(counts.disk_bytes, 300u);
  EXPECT_EQ(memory_->bytes, 200);
}

TEST_F(KeptOutputsTest, WhatIsTooLargeForMemoryGoesToDiskAtOnce) {
  Open(50, 1000);
  Write(Key(0), 2);
  EXPECT_EQ(Read(Key(0), 50, 100), Found::kAll);
  EXPECT_EQ(bytes_, std::string(50, 'a') + std::string(50, 'b'));
  memory_->refuses = true;
  Open(1000, 1000);
  Write(Key(0), 1);
  EXPECT_EQ(Read(Key(0), 0, 100), Found::kAll);
  EXPECT_EQ(kept_->counts().memory_bytes, 0u);
}

TEST_F(KeptOutputsTest, GivesMemoryBackWhenOthersNeedIt) {
  Open(1000, 0);
  Write(Key(0), 5);
  memory_->share = 200;
  Write(Key(1), 1);
  EXPECT_EQ(memory_->bytes, 200);
  memory_->revoked = true;
  EXPECT_EQ(Read(Key(1), 0, 100), Found::kSome);
  EXPECT_EQ(kept_->counts().revoked, 1u);
  EXPECT_EQ(kept_->counts().memory_bytes, 100u);
}

TEST_F(KeptOutputsTest, ADiskThatFailsIsNotNeeded) {
  std::ofstream(directory_) << "a file where a directory should be";
  Open(100, 1000);
  Write(Key(0), 3);
  EXPECT_EQ(Read(Key(0), 200, 100), Found::kAll);
  EXPECT_EQ(Read(Key(0), 0, 100), Found::kSome);
}

TEST_F(KeptOutputsTest, TheEndOfItsQueryTakesEverything) {
  Open(200, 1000);
  Write(Key(0), 4);
  Write("20261126_190000_00002_abcde/1.0.0", 1);
  auto writing = kept_->Begin(Key(1));
  writing->Append("abc", 3);
  kept_->DropQuery({kQuery});
  writing->Append("def", 3);
  writing->Commit();
  EXPECT_EQ(Read(Key(0), 0, 1), Found::kNothing);
  EXPECT_EQ(Read(Key(1), 0, 1), Found::kNothing);
  EXPECT_FALSE(kept_->Begin(Key(2))) << "a cancelled task that goes on writing";
  EXPECT_EQ(kept_->counts().objects, 1u);
  kept_->DropQuery({"20261126_190000_00002_abcde"});
  EXPECT_EQ(kept_->counts().objects, 0u);
  EXPECT_EQ(kept_->counts().memory_bytes, 0u);
  EXPECT_EQ(kept_->counts().disk_bytes, 0u);
  EXPECT_EQ(memory_->bytes, 0);
}

TEST_F(KeptOutputsTest, ManyThreads) {
  Open(2000, 2000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([this, t] {
      std::string bytes(100, '\0');
      for (int i = 0; i < 300; i++) {
        Write(Key(1000 * t + i), 3);
        if (kept_->Read(Key(1000 * t + i / 2), 50, 100, bytes.data()) == Found::kAll) {
          EXPECT_EQ(bytes, std::string(50, 'a') + std::string(50, 'b'));
        }
        EXPECT_LE(kept_->counts().memory_bytes, 2000u + 4 * 100);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  kept_->DropQuery({kQuery});
  EXPECT_EQ(memory_->bytes, 0);
  EXPECT_EQ(kept_->counts().disk_bytes, 0u);
}

TEST_F(KeptOutputsTest, AStoreKeepsWhatItsWritersFinish) {
  Open(1000, 0);
  const auto store = KeepOutputs(std::make_shared<storage::MemoryObjectStore>("kept"), kept_);
  auto writer = store->Create(Key(0));
  writer->Write("abc", 3);
  writer->Write("def", 3);
  EXPECT_EQ(Read(Key(0), 0, 6), Found::kAll) << "while it is being stored";
  writer->Finish();
  EXPECT_EQ(Read(Key(0), 0, 6), Found::kAll);
  EXPECT_EQ(bytes_, "abcdef");
  writer = store->Create(Key(1));
  writer->Write("abc", 3);
  writer.reset();
  ASSERT_TRUE(store->PutIfAbsent(Key(2), "ghi"));
  EXPECT_EQ(Read(Key(2), 1, 2), Found::kAll);
  ASSERT_TRUE(store->PutIfAbsent("journal/1", "not an output"));
  EXPECT_EQ(kept_->counts().objects, 2u);
  store->DeletePrefix(kQuery);
  EXPECT_EQ(kept_->counts().objects, 0u);
  EXPECT_EQ(memory_->bytes, 0);
}

}  // namespace
}  // namespace planaria::exchange
