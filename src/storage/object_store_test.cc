// The contract of object_store.h, run over every store.
#include "storage/object_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "storage/blob_object_store.h"
#include "storage/object_key.h"
#include "storage/stores_for_test.h"

namespace planaria::storage {
namespace {

constexpr const char* kNoConditions = "it does not look at If-None-Match, so the last writer wins";
constexpr const char* kNoGenerations = "it does not look at ifGenerationMatch";
constexpr const char* kTwentyTries =
    "an object whose folder is deleted while it is written is begun anew twenty times only";

/// Tests that do not hold on a store, and why.
const std::map<std::string, std::map<std::string, std::string>> kDeviations = {
    {"S3rver",
     {{"TakenKeysAreNotOverwritten", kNoConditions},
      {"OneOfSeveralPutsWins", kNoConditions},
      {"ListsByWholeSegments", "it does not see folders that hold only folders"},
      {"WritersAndDeletionsCanRunTogether", "it dies of it"}}},
    {"GcsEmulator",
     {{"TakenKeysAreNotOverwritten", kNoGenerations}, {"OneOfSeveralPutsWins", kNoGenerations}}},
    {"MiniHdfs", {{"WritersAndDeletionsCanRunTogether", kTwentyTries}}},
    {"SecureHdfs", {{"WritersAndDeletionsCanRunTogether", kTwentyTries}}},
};

std::string DeviationOf(const std::string& store, const std::string& test) {
  const auto of_store = kDeviations.find(store);
  if (of_store == kDeviations.end()) return {};
  const auto deviation = of_store->second.find(test);
  return deviation == of_store->second.end() ? std::string() : deviation->second;
}

class ObjectStoreTest : public testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "object_store_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    if (!GetParam().there()) GTEST_SKIP() << GetParam().server()->Missing();
    const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::string deviation = DeviationOf(GetParam().name, test.substr(0, test.find('/')));
    if (!deviation.empty()) GTEST_SKIP() << "deviation: " << deviation;
    store_ = GetParam().open(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Put(const std::string& key, std::string_view content) {
    const auto writer = store_->Create(key);
    writer->Write(content.data(), content.size());
    ASSERT_EQ(writer->Finish(), content.size());
  }

  std::string Get(const std::string& key, uint64_t offset, size_t length) {
    std::string content(length, '?');
    store_->Read(key, offset, length, content.data());
    return content;
  }

  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    for (const ObjectInfo& object : store_->ListPrefix(prefix)) keys.push_back(object.key);
    return keys;
  }

  using Names = std::vector<std::string>;
  std::string directory_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_P(ObjectStoreTest, ReadsRangesOfWhatWasWrittenInPieces) {
  const auto writer = store_->Create("q/1.2.3");
  writer->Write("hello ", 6);
  writer->Write("", 0);
  writer->Write("world", 5);
  EXPECT_EQ(writer->Finish(), 11u);
  EXPECT_EQ(Get("q/1.2.3", 0, 11), "hello world");
  EXPECT_EQ(Get("q/1.2.3", 6, 5), "world");
  EXPECT_EQ(Get("q/1.2.3", 11, 0), "");
}

TEST_P(ObjectStoreTest, KeepsLargeObjects) {
  std::string content(10'000'000, '\0');
  for (size_t i = 0; i < content.size(); i++) content[i] = static_cast<char>(i * 7919 >> 8);
  Put("large", content);
  EXPECT_EQ(Get("large", 0, content.size()), content);
  EXPECT_EQ(Get("large", 9'999'990, 10), content.substr(9'999'990));
}

TEST_P(ObjectStoreTest, MissingAndShortObjectsAreLost) {
  Put("a", "12345");
  char buffer[16];
  EXPECT_THROW(store_->Read("b", 0, 1, buffer), ObjectLost);
  EXPECT_THROW(store_->Read("a/b", 0, 1, buffer), ObjectLost);
  EXPECT_THROW(store_->Read("a", 0, 6, buffer), ObjectLost);
  EXPECT_THROW(store_->Read("a", 5, 1, buffer), ObjectLost);
  EXPECT_THROW(store_->Read("a", 1000, 1, buffer), ObjectLost);
  try {
    store_->Read("nowhere/b", 0, 1, buffer);
    FAIL();
  } catch (const ObjectLost& lost) {
    EXPECT_NE(std::string(lost.what()).find("nowhere/b"), std::string::npos) << lost.what();
    EXPECT_TRUE(lost.error().retriable());
  }
}

TEST_P(ObjectStoreTest, AbandonedWritersLeaveNothing) {
  {
    const auto writer = store_->Create("q/1");
    writer->Write("half", 4);
  }
  EXPECT_EQ(Keys(""), Names());
  EXPECT_EQ(store_->ListFolders(""), Names());
  Put("q/1", "whole");
  EXPECT_EQ(Get("q/1", 0, 5), "whole");
}

TEST_P(ObjectStoreTest, TakenKeysAreNotOverwritten) {
  Put("q/1", "first");
  EXPECT_THROW(
      {
        const auto writer = store_->Create("q/1");
        writer->Write("other", 5);
        writer->Finish();
      },
      TrinoException);
  EXPECT_FALSE(store_->PutIfAbsent("q/1", "third"));
  EXPECT_EQ(Get("q/1", 0, 5), "first");
}

TEST_P(ObjectStoreTest, OneOfSeveralPutsWins) {
  std::atomic<int> winners{0};
  std::string winner;
  std::vector<std::thread> threads;
  for (char name = 'a'; name < 'i'; name++) {
    threads.emplace_back([&, name] {
      const std::string content(1000, name);
      if (!store_->PutIfAbsent("lock/one", content)) return;
      winners++;
      winner = content;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(Get("lock/one", 0, 1000), winner);
  EXPECT_EQ(Keys(""), Names({"lock/one"}));
}

TEST_P(ObjectStoreTest, ListsByWholeSegments) {
  for (const char* key : {"q/2", "q/1", "q-1/x", "q/sub/deep/1", "top", "q.z/1"}) Put(key, key);
  EXPECT_EQ(Keys(""), Names({"q-1/x", "q.z/1", "q/1", "q/2", "q/sub/deep/1", "top"}));
  EXPECT_EQ(Keys("q"), Names({"q/1", "q/2", "q/sub/deep/1"}));
  EXPECT_EQ(Keys("q/sub"), Names({"q/sub/deep/1"}));
  EXPECT_EQ(Keys("top"), Names({"top"}));
  EXPECT_EQ(Keys("to"), Names());
  EXPECT_EQ(store_->ListFolders(""), Names({"q", "q-1", "q.z"}));
  EXPECT_EQ(store_->ListFolders("q"), Names({"sub"}));
  EXPECT_EQ(store_->ListFolders("none"), Names());
  EXPECT_EQ(store_->ListPrefix("q.z")[0].size, 5u);
}

TEST_P(ObjectStoreTest, TellsWhenObjectsWereWritten) {
  Put("a", "1");
  const auto age = std::chrono::system_clock::now() - store_->ListPrefix("a").at(0).modified;
  EXPECT_LT(std::chrono::abs(age), std::chrono::minutes(1));
}

TEST_P(ObjectStoreTest, DeletesByWholeSegments) {
  for (const char* key : {"q/1", "q/2", "q/sub/3", "q-1/x", "top"}) Put(key, key);
  EXPECT_EQ(store_->DeletePrefix("q"), 3u);
  EXPECT_EQ(Keys(""), Names({"q-1/x", "top"}));
  EXPECT_EQ(store_->ListFolders(""), Names({"q-1"}));
  EXPECT_EQ(store_->DeletePrefix("q"), 0u);
  EXPECT_EQ(store_->DeletePrefix("top"), 1u);
  EXPECT_EQ(store_->DeletePrefix(""), 1u);
  EXPECT_EQ(Keys(""), Names());
}

TEST_P(ObjectStoreTest, DeletesWhatIsKnownUnseen) {
  for (const char* key : {"q/1", "q/2", "q-1/x"}) Put(key, key);
  store_->DeleteKnown("q", {"q/1", "q/2", "q/never"});
  if (const std::string traffic = store_->Traffic(); !traffic.empty()) {
    EXPECT_NE(traffic.find("LIST 0,"), std::string::npos) << traffic;
  }
  EXPECT_EQ(Keys(""), Names({"q-1/x"}));
}

TEST_P(ObjectStoreTest, LateWriterLeavesAnObjectThatCanBeDeleted) {
  Put("q/1", "1");
  const auto writer = store_->Create("q/2");
  writer->Write("2", 1);
  store_->DeletePrefix("q");
  EXPECT_NO_THROW(writer->Finish());
  Put("q/3", "3");
  store_->DeletePrefix("q");
  EXPECT_EQ(Keys(""), Names());
  EXPECT_EQ(store_->ListFolders(""), Names());
}

TEST_P(ObjectStoreTest, RefusesKeysThatCouldEscape) {
  char buffer[1];
  for (const std::string& key :
       {std::string(".."), std::string("../x"), std::string("a/../b"), std::string("/etc/passwd"),
        std::string("a//b"), std::string("a/"), std::string("."), std::string(".hidden"), std::string("a b"),
        std::string("a\\b"), std::string("a\0b", 3), std::string("ä"), std::string("a%2e"),
        std::string(kMaxKeySegmentBytes + 1, 'a')}) {
    EXPECT_THROW(store_->Create(key), TrinoException) << key;
    EXPECT_THROW(store_->PutIfAbsent(key, ""), TrinoException) << key;
    EXPECT_THROW(store_->Read(key, 0, 0, buffer), TrinoException) << key;
    EXPECT_THROW(store_->ListPrefix(key), TrinoException) << key;
    EXPECT_THROW(store_->ListFolders(key), TrinoException) << key;
    EXPECT_THROW(store_->DeletePrefix(key), TrinoException) << key;
  }
  EXPECT_THROW(store_->Create(""), TrinoException);
}

TEST_P(ObjectStoreTest, WritersAndDeletionsCanRunTogether) {
  std::atomic<bool> stop{false};
  std::thread deleter([&] {
    while (!stop) store_->DeletePrefix("q");
  });
  std::vector<std::thread> writers;
  for (int t = 0; t < 3; t++) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < 200; i++) {
        const std::string key = "q/" + std::to_string(t) + "/" + std::to_string(i);
        const auto writer = store_->Create(key);
        writer->Write("x", 1);
        if (i % 2 == 0) writer->Finish();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop = true;
  deleter.join();
  store_->DeletePrefix("q");
  EXPECT_EQ(Keys(""), Names());
}

TEST(UnfinishedUploadsTest, AreSweptOnceTheyAreOld) {
  if (!Moto().Get()) GTEST_SKIP() << Moto().Missing();
  const auto client = MakeS3Client("s3", kTestBucket, S3OptionsOf(*Moto().Get()));
  BlobObjectStore store(client, "unfinished/ours");
  const auto ours = client->StartUpload("unfinished/ours/q/1.2.3");
  const auto others = client->StartUpload("unfinished/other/q/1.2.3");
  ours->AddPart("part");
  others->AddPart("part");
  EXPECT_EQ(store.SweepUnfinished({}), 0u);
  EXPECT_EQ(store.SweepUnfinished(std::chrono::system_clock::now() + std::chrono::hours(1)), 1u);
  EXPECT_EQ(store.SweepUnfinished(std::chrono::system_clock::now() + std::chrono::hours(1)), 0u);
  EXPECT_THROW(ours->Commit(), TrinoException);
  EXPECT_TRUE(others->Commit());
  store.DeletePrefix("");
}

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreTest, testing::ValuesIn(StoresUnderTest()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace planaria::storage
