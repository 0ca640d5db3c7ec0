// Small outputs that share an object.
#include <condition_variable>
#include <future>

#include "base/error.h"
#include "exchange/output_packer.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spool_index.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

using namespace std::chrono_literals;

// Nothing takes this long; it only turns a hang into a failure.
constexpr auto kLong = 20s;

/// A store behind a network, whose writes end when the test says so.
class GatedStore : public storage::MemoryObjectStore {
 public:
  GatedStore() : MemoryObjectStore("gated") {}
  bool remote() const override { return true; }

  std::unique_ptr<storage::ObjectWriter> Create(std::string_view key) override {
    return std::make_unique<Writer>(*this, MemoryObjectStore::Create(key));
  }
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
    reads++;
    MemoryObjectStore::Read(key, offset, length, buffer);
  }

  void WaitForWrites(size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kLong, [&] { return begun_ >= count; }));
  }
  /// Lets so many more writes end.
  void Open(size_t count) {
    {
      const std::lock_guard lock(mutex_);
      open_ += count;
    }
    changed_.notify_all();
  }
  size_t begun() {
    const std::lock_guard lock(mutex_);
    return begun_;
  }

  std::atomic<size_t> reads{0};
  std::atomic<bool> fails{false};

 private:
  class Writer : public storage::ObjectWriter {
   public:
    Writer(GatedStore& store, std::unique_ptr<storage::ObjectWriter> real)
        : store_(store), real_(std::move(real)) {}
    void Write(const void* data, size_t size) override { real_->Write(data, size); }
    uint64_t Finish() override {
      {
        std::unique_lock lock(store_.mutex_);
        store_.begun_++;
        store_.changed_.notify_all();
        store_.changed_.wait_for(lock, kLong, [&] { return store_.open_ > 0; });
        store_.open_--;
      }
      if (store_.fails) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "503 SlowDown");
      return real_->Finish();
    }
    uint64_t requests() const override { return 1; }

   private:
    GatedStore& store_;
    const std::unique_ptr<storage::ObjectWriter> real_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t begun_ = 0;
  size_t open_ = 0;
};

class OutputPackerTest : public testing::Test {
 protected:
  static constexpr uint32_t kPartitions = 3;

  /// One attempt's output, with `pages` pages for each partition, finished on a thread of its own.
  std::future<Manifest> Finish(uint32_t producer, uint32_t attempt = 0, uint32_t pages = 2) {
    return std::async(std::launch::async, [this, producer, attempt, pages] {
      const TaskId task = Producer(producer, attempt);
      SpoolWriter writer(SpoolPlace(set_, task), kPartitions, task,
                         {.inline_limit_bytes = 0,
                          .buffer_bytes = 4000,
                          .key = key_,
                          .traffic = traffic_,
                          .packer = packer_});
      for (uint32_t i = 0; i < kPartitions * pages; i++) {
        Append(writer, i % kPartitions, PageOf(100 * producer + i, 1000 + i), 1);
      }
      return writer.Finish();
    });
  }
  void WaitForWaiting(size_t outputs) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (packer_->waiting() < outputs && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    EXPECT_EQ(packer_->waiting(), outputs);
  }
  /// Outputs of producers 1, 2 and 3, which came while that of 0 was being stored.
  std::vector<std::shared_ptr<const Manifest>> Pack() {
    auto alone = Finish(0);
    store_->WaitForWrites(1);
    std::vector<std::future<Manifest>> together;
    for (uint32_t producer = 1; producer <= 3; producer++) together.push_back(Finish(producer));
    WaitForWaiting(3);
    EXPECT_EQ(store_->begun(), 1u);
    store_->Open(1);
    alone_ = Share(alone.get());
    store_->Open(1);
    std::vector<std::shared_ptr<const Manifest>> manifests;
    for (auto& output : together) manifests.push_back(Share(output.get()));
    return manifests;
  }
  static std::vector<std::string> PagesOf(std::vector<uint32_t> producers, std::vector<uint32_t> partitions) {
    std::vector<std::string> pages;
    for (const uint32_t producer : producers) {
      for (uint32_t i = 0; i < 2 * kPartitions; i++) {
        if (std::find(partitions.begin(), partitions.end(), i % kPartitions) != partitions.end())
          pages.push_back(PageOf(100 * producer + i, 1000 + i));
      }
    }
    std::sort(pages.begin(), pages.end());
    return pages;
  }
  std::vector<std::string> Read(std::vector<std::shared_ptr<const Manifest>> manifests,
                                const PartitionSet& partitions) {
    SpoolReader reader(set_, std::move(manifests), partitions, {.key = key_});
    return ReadAll(reader);
  }

  std::shared_ptr<GatedStore> store_ = std::make_shared<GatedStore>();
  storage::StoreSet set_{{store_}};
  std::shared_ptr<OutputPacker> packer_ = std::make_shared<OutputPacker>();
  std::shared_ptr<SpoolTraffic> traffic_ = std::make_shared<SpoolTraffic>();
  Secret key_;
  std::shared_ptr<const Manifest> alone_;
};

TEST_F(OutputPackerTest, WhatComesAloneGoesAlone) {
  store_->Open(2);
  const auto first = Share(Finish(0).get());
  const auto second = Share(Finish(1).get());
  EXPECT_NE(first->location(), second->location());
  EXPECT_EQ(traffic_->writes, 2u);
  EXPECT_EQ(Read({first, second}, PartitionSet::All()), PagesOf({0, 1}, {0, 1, 2}));
  // It has an index like any other object.
  const auto place = set_.Find(first->location());
  const uint64_t size = store_->ListPrefix(place.key).at(0).size;
  EXPECT_EQ(ReadSpoolIndex(place, size).Serialize(), first->Serialize());
}

TEST_F(OutputPackerTest, WhatComesMeanwhileGoesTogether) {
  const auto manifests = Pack();
  for (const auto& manifest : manifests) EXPECT_EQ(manifest->location(), manifests[0]->location());
  EXPECT_NE(manifests[0]->location(), alone_->location());
  EXPECT_EQ(traffic_->writes, 2u);
  EXPECT_EQ(store_->ListPrefix("").size(), 2u);
  EXPECT_EQ(Read(manifests, PartitionSet::All()), PagesOf({1, 2, 3}, {0, 1, 2}));
  // One request brings a partition of all three.
  store_->reads = 0;
  EXPECT_EQ(Read(manifests, PartitionSet::Of({1})), PagesOf({1, 2, 3}, {1}));
  EXPECT_EQ(store_->reads, 1u);
  // And each alone what is its own.
  for (uint32_t i = 0; i < 3; i++)
    EXPECT_EQ(Read({manifests[i]}, PartitionSet::Of({0, 2})), PagesOf({i + 1}, {0, 2}));
}

TEST_F(OutputPackerTest, PackedOutputsAreSealedEachWithItsOwnKey) {
  key_ = Secret(std::string(32, 'k'));
  const auto manifests = Pack();
  EXPECT_EQ(manifests[0]->location(), manifests[2]->location());
  EXPECT_NE(manifests[0]->salt(), manifests[1]->salt());
  EXPECT_EQ(Read(manifests, PartitionSet::All()), PagesOf({1, 2, 3}, {0, 1, 2}));
}

TEST_F(OutputPackerTest, APackIsDeletedByTheNamesOfItsAttempts) {
  const auto manifests = Pack();
  std::vector<TaskId> attempts{alone_->producer()};
  for (const auto& manifest : manifests) attempts.push_back(manifest->producer());
  DeleteSpooled(set_, attempts[0].query, attempts);
  EXPECT_TRUE(store_->ListPrefix("").empty());
}

TEST_F(OutputPackerTest, AFailureIsThatOfAllAndTheirRetriesGo) {
  auto alone = Finish(0);
  store_->WaitForWrites(1);
  std::vector<std::future<Manifest>> together;
  for (uint32_t producer = 1; producer <= 3; producer++) together.push_back(Finish(producer));
  WaitForWaiting(3);
  store_->Open(1);
  alone.get();
  store_->WaitForWrites(2);
  store_->fails = true;
  store_->Open(3);
  for (auto& output : together) {
    try {
      output.get();
      ADD_FAILURE() << "the store had failed";
    } catch (const TrinoException& failure) {
      EXPECT_STREQ(failure.what(), "503 SlowDown");
    }
  }
  EXPECT_EQ(store_->ListPrefix("").size(), 1u) << "nothing is left of the pack";
  store_->fails = false;
  store_->Open(3);
  std::vector<std::shared_ptr<const Manifest>> again;
  for (uint32_t producer = 1; producer <= 3; producer++) again.push_back(Share(Finish(producer, 1).get()));
  EXPECT_EQ(Read(again, PartitionSet::All()), PagesOf({1, 2, 3}, {0, 1, 2}));
}

TEST_F(OutputPackerTest, OfALostPackEachProducerIsFound) {
  const auto manifests = Pack();
  store_->DeletePrefix(set_.Find(manifests[0]->location()).key);
  // A reader names one of them; what runs again then lies elsewhere, and the next is found.
  std::vector<std::shared_ptr<const Manifest>> given = manifests;
  store_->Open(3);
  for (int losses = 0; losses < 3; losses++) {
    try {
      Read(given, PartitionSet::All());
      FAIL() << "the pack is gone";
    } catch (const SpooledDataLost& lost) {
      const auto blamed = std::find_if(given.begin(), given.end(), [&](const auto& manifest) {
        return manifest->producer() == lost.producer();
      });
      ASSERT_NE(blamed, given.end());
      EXPECT_EQ(lost.producer().attempt.value, 0u);
      *blamed = Share(Finish(lost.producer().partition.value, 1).get());
    }
  }
  EXPECT_EQ(Read(given, PartitionSet::All()), PagesOf({1, 2, 3}, {0, 1, 2}));
}

TEST_F(OutputPackerTest, DamageIsThatOfTheOutputWhoseBlockItIs) {
  const auto manifests = Pack();
  const auto place = set_.Find(manifests[0]->location());
  std::string bytes(store_->ListPrefix(place.key).at(0).size, '\0');
  store_->MemoryObjectStore::Read(place.key, 0, bytes.size(), bytes.data());
  bytes[manifests[1]->blocks()[3].offset + 100] ^= 1;
  store_->DeletePrefix(place.key);
  store_->PutIfAbsent(place.key, bytes);
  try {
    Read(manifests, PartitionSet::All());
    FAIL() << "a block is damaged";
  } catch (const SpooledDataLost& lost) {
    EXPECT_EQ(lost.producer(), manifests[1]->producer());
  }
  EXPECT_EQ(Read({manifests[0], manifests[2]}, PartitionSet::All()),
            PagesOf({manifests[0]->producer().partition.value, manifests[2]->producer().partition.value},
                    {0, 1, 2}));
}

TEST_F(OutputPackerTest, AFullPackDoesNotWait) {
  packer_ = std::make_shared<OutputPacker>(13'000);
  auto alone = Finish(0);
  store_->WaitForWrites(1);
  // More than 6,000 bytes each: the third of them does not fit into the object of the first two.
  std::vector<std::future<Manifest>> others;
  for (uint32_t producer = 1; producer <= 3; producer++) others.push_back(Finish(producer));
  store_->WaitForWrites(2);
  store_->Open(3);
  std::map<std::string, int> outputs;
  for (auto& other : others) outputs[other.get().location()]++;
  std::vector<int> counts;
  for (const auto& [location, count] : outputs) counts.push_back(count);
  std::sort(counts.begin(), counts.end());
  EXPECT_EQ(counts, (std::vector<int>{1, 2}));
  alone.get();
}

TEST_F(OutputPackerTest, WhatDoesNotFitIntoMemoryGoesInPartsAsEver) {
  packer_ = std::make_shared<OutputPacker>(5'000);
  store_->Open(1);
  const auto large = Share(Finish(0, 0, 20).get());
  SpoolReader reader(set_, {large}, PartitionSet::All());
  EXPECT_EQ(ReadAll(reader).size(), 60u);
  const auto place = set_.Find(large->location());
  const uint64_t size = store_->ListPrefix(place.key).at(0).size;
  EXPECT_EQ(ReadSpoolIndex(place, size).Serialize(), large->Serialize());
  // In the order of appending, not of partitions.
  EXPECT_EQ(large->blocks()[1].partition, 1u);
}

TEST_F(OutputPackerTest, APartitionOfOneOutputLiesTogether) {
  store_->Open(1);
  const auto alone = Share(Finish(0, 0, 20).get());
  store_->reads = 0;
  SpoolReader reader(set_, {alone}, PartitionSet::Of({1}), {.gap_bytes = 0, .remote_gap_bytes = 0});
  EXPECT_EQ(ReadAll(reader).size(), 20u);
  EXPECT_EQ(store_->reads, 1u);
}

TEST_F(OutputPackerTest, OutputsOfOtherStagesAndQueriesDoNotMeet) {
  auto alone = Finish(0);
  store_->WaitForWrites(1);
  TaskId other = Producer(0);
  other.fragment = {4};
  auto apart = std::async(std::launch::async, [&] {
    SpoolWriter writer(SpoolPlace(set_, other), 1, other, {.inline_limit_bytes = 0, .packer = packer_});
    Append(writer, 0, PageOf(1, 100), 1);
    return writer.Finish();
  });
  store_->WaitForWrites(2);
  store_->Open(2);
  EXPECT_NE(alone.get().location(), apart.get().location());
}

}  // namespace
}  // namespace planaria::exchange
