// How remote stores are read: few requests, several at a time, ahead of need, twice when they are slow.
#include <condition_variable>
#include <functional>
#include <thread>

#include "base/error.h"
#include "env/blocking_pool.h"
#include "exchange/hedge_policy.h"
#include "exchange/spool_fixture.h"
#include "exchange/spool_format.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

using namespace std::chrono_literals;

// Nothing takes this long; it only turns a hang into a failure.
constexpr auto kLong = 20s;

/// A store behind a network that the test holds in its hands.
class SlowStore : public storage::MemoryObjectStore {
 public:
  SlowStore() : MemoryObjectStore("slow") {}
  bool remote() const override { return true; }

  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
    size_t times = 0;
    {
      const std::lock_guard lock(mutex_);
      now_++;
      most_ = std::max(most_, now_);
      reads_.emplace_back(offset, length);
      times = ++times_[offset];
    }
    changed_.notify_all();
    if (before_read) before_read(offset, times);
    MemoryObjectStore::Read(key, offset, length, buffer);
    const std::lock_guard lock(mutex_);
    now_--;
  }

  size_t reads() const {
    const std::lock_guard lock(mutex_);
    return reads_.size();
  }
  size_t most() const {
    const std::lock_guard lock(mutex_);
    return most_;
  }
  uint64_t bytes() const {
    const std::lock_guard lock(mutex_);
    uint64_t bytes = 0;
    for (const auto& [offset, length] : reads_) bytes += length;
    return bytes;
  }
  bool WaitForReads(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return reads_.size() >= count; });
  }
  bool WaitForSecondRead(uint64_t offset) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return times_[offset] >= 2; });
  }

  /// Called in each read with its offset and how often that was read so far, this time included.
  std::function<void(uint64_t, size_t)> before_read;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  size_t now_ = 0;
  size_t most_ = 0;
  std::vector<std::pair<uint64_t, size_t>> reads_;
  std::map<uint64_t, size_t> times_;
};

class SpoolReadingTest : public testing::Test {
 protected:
  /// `pages` of 1,000 bytes, their partitions in turn.
  std::shared_ptr<const Manifest> Write(uint32_t pages, uint32_t partitions, size_t page_bytes = 1000) {
    SpoolWriter writer(set_.Place("q/1"), partitions, Producer(0), {0, 1 << 20});
    for (uint32_t i = 0; i < pages; i++) Append(writer, i % partitions, PageOf(i, page_bytes), i);
    return Share(writer.Finish());
  }

  std::shared_ptr<SlowStore> store_ = std::make_shared<SlowStore>();
  storage::StoreSet set_{{store_}};
};

TEST_F(SpoolReadingTest, ReadsAheadInTheOrderOfAppending) {
  const auto manifest = Write(40, 1);
  BlockingPool pool(8);
  // The first read does not end before there are three.
  store_->before_read = [&](uint64_t, size_t) { EXPECT_TRUE(store_->WaitForReads(3)); };
  SpoolReaderOptions options;
  options.read_bytes = 1;
  options.pool = &pool;
  options.concurrent_reads = 3;
  options.traffic = std::make_shared<SpoolTraffic>();
  {
    SpoolReader reader(set_, {manifest}, PartitionSet::All(), options);
    EXPECT_EQ(store_->reads(), 0u) << "nobody has asked";
    for (uint32_t i = 0; i < 40; i++) {
      ASSERT_EQ(reader.Next()->rows, i);
      EXPECT_LE(store_->reads(), i + 4u) << "no more than that lies ahead";
    }
    EXPECT_FALSE(reader.Next().has_value());
  }
  EXPECT_EQ(store_->reads(), 40u);
  EXPECT_EQ(store_->most(), 3u);
  EXPECT_EQ(options.traffic->reads, 40u);
  EXPECT_EQ(options.traffic->read_bytes, store_->bytes());
}

TEST_F(SpoolReadingTest, ABusyPoolHoldsNobodyBack) {
  const auto manifest = Write(10, 1);
  std::mutex busy;
  busy.lock();
  BlockingPool pool(1);
  pool.Post([&] { const std::lock_guard wait(busy); });
  SpoolReaderOptions options;
  options.read_bytes = 1;
  options.pool = &pool;
  SpoolReader reader(set_, {manifest}, PartitionSet::All(), options);
  for (uint32_t i = 0; i < 10; i++) EXPECT_EQ(reader.Next()->rows, i);
  EXPECT_FALSE(reader.Next().has_value());
  busy.unlock();
}

TEST_F(SpoolReadingTest, ManyThreadsShareWhatIsReadAhead) {
  const auto manifest = Write(500, 3);
  BlockingPool pool(4);
  SpoolReaderOptions options;
  options.read_bytes = 5000;
  options.pool = &pool;
  options.hedging = std::make_shared<HedgePolicy>();
  SpoolReader reader(set_, {manifest}, PartitionSet::All(), options);
  std::vector<std::atomic<int>> seen(500);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      while (const auto page = reader.Next()) seen[page->rows]++;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& times : seen) EXPECT_EQ(times, 1);
}

TEST_F(SpoolReadingTest, NeighboursTravelTogetherAsLongAsHalfIsWanted) {
  const auto reads = [&](const std::shared_ptr<const Manifest>& manifest, const PartitionSet& partitions) {
    const size_t before = store_->reads();
    SpoolReaderOptions options;
    options.gap_bytes = 0;
    SpoolReader reader(set_, {manifest}, partitions, options);
    size_t pages = 0;
    while (reader.Next()) pages++;
    EXPECT_EQ(pages, reader.PageCount());
    return store_->reads() - before;
  };
  const auto manifest = Write(100, 10);
  EXPECT_EQ(reads(manifest, PartitionSet::All()), 1u);
  EXPECT_EQ(reads(manifest, PartitionSet::Range(0, 5)), 1u);
  EXPECT_EQ(reads(manifest, PartitionSet::Of({0, 2, 4, 6, 8})), 1u);
  // Reading all for a tenth of it would cost a cluster ten times the bytes.
  EXPECT_EQ(reads(manifest, PartitionSet::Range(3, 1)), 10u);
}

TEST_F(SpoolReadingTest, TheSlowestReadIsOvertaken) {
  const auto manifest = Write(30, 1);
  std::mutex stuck;
  stuck.lock();
  BlockingPool pool(4);
  SpoolReaderOptions options;
  options.read_bytes = 1;
  options.pool = &pool;
  options.concurrent_reads = 1;
  options.traffic = std::make_shared<SpoolTraffic>();
  options.hedging = std::make_shared<HedgePolicy>(HedgePolicy::Options{
      .least = 20ms, .factor = 2, .reads_per_hedge = 20, .first_hedges = 100, .reads_to_learn = 20});
  store_->before_read = [&, slow = manifest->blocks()[25].offset](uint64_t offset, size_t times) {
    if (offset == slow && times == 1) const std::lock_guard wait(stuck);
  };
  {
    SpoolReader reader(set_, {manifest}, PartitionSet::All(), options);
    for (uint32_t i = 0; i < 30; i++) ASSERT_EQ(reader.Next()->rows, i);
    EXPECT_FALSE(reader.Next().has_value());
  }
  // All was read, and the reader is gone, while that one read has still no answer.
  EXPECT_GE(options.hedging->hedges(), 1u);
  EXPECT_GE(store_->reads(), 31u);
  stuck.unlock();
}

TEST_F(SpoolReadingTest, OneOfTwoReadsMayFail) {
  const auto manifest = Write(30, 1);
  BlockingPool pool(4);
  SpoolReaderOptions options;
  options.read_bytes = 1;
  options.pool = &pool;
  options.concurrent_reads = 1;
  options.hedging = std::make_shared<HedgePolicy>(HedgePolicy::Options{
      .least = 20ms, .factor = 2, .reads_per_hedge = 20, .first_hedges = 100, .reads_to_learn = 20});
  store_->before_read = [&, bad = manifest->blocks()[25].offset](uint64_t offset, size_t times) {
    if (offset != bad || times > 1) return;
    // Fails when the second has begun; that one has to be enough.
    EXPECT_TRUE(store_->WaitForSecondRead(offset));
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Store is away");
  };
  SpoolReader reader(set_, {manifest}, PartitionSet::All(), options);
  for (uint32_t i = 0; i < 30; i++) ASSERT_EQ(reader.Next()->rows, i);
  EXPECT_GE(options.hedging->hedges(), 1u);
}

TEST_F(SpoolReadingTest, FailuresOfThePoolReachTheReader) {
  const auto manifest = Write(30, 1);
  BlockingPool pool(4);
  store_->before_read = [bad = manifest->blocks()[5].offset](uint64_t offset, size_t) {
    if (offset == bad) throw storage::ObjectLost("Object is missing: q/1");
  };
  SpoolReaderOptions options;
  options.read_bytes = 1;
  options.pool = &pool;
  SpoolReader reader(set_, {manifest}, PartitionSet::All(), options);
  EXPECT_THROW(ReadAll(reader), SpooledDataLost);
  EXPECT_THROW(reader.Next(), SpooledDataLost);
}

TEST(HedgePolicyTest, WaitsLongerThanReadsUsuallyTake) {
  HedgePolicy policy(
      {.least = 10ms, .factor = 3, .reads_per_hedge = 20, .first_hedges = 2, .reads_to_learn = 50});
  for (int i = 0; i < 49; i++) policy.Note(1ms);
  EXPECT_FALSE(policy.Patience().has_value());
  for (int i = 0; i < 51; i++) policy.Note(1ms);
  EXPECT_EQ(*policy.Patience(), 10ms);
  // A few slow ones change nothing, many do.
  for (int i = 0; i < 4; i++) policy.Note(900ms);
  EXPECT_EQ(*policy.Patience(), 10ms);
  for (int i = 0; i < 100; i++) policy.Note(900ms);
  EXPECT_GE(*policy.Patience(), 2700ms);
  // What was long ago fades.
  for (int i = 0; i < 100'000; i++) policy.Note(1ms);
  EXPECT_EQ(*policy.Patience(), 10ms);
  EXPECT_EQ(policy.hedges(), 0u);
}

TEST(HedgePolicyTest, FewReadsAreSentTwice) {
  HedgePolicy policy(
      {.least = 10ms, .factor = 3, .reads_per_hedge = 20, .first_hedges = 2, .reads_to_learn = 1});
  EXPECT_TRUE(policy.Take());
  EXPECT_TRUE(policy.Take());
  EXPECT_FALSE(policy.Take());
  for (int i = 0; i < 20; i++) policy.Note(1ms);
  EXPECT_TRUE(policy.Take());
  EXPECT_FALSE(policy.Take());
  EXPECT_EQ(policy.hedges(), 3u);
}

}  // namespace
}  // namespace planaria::exchange
