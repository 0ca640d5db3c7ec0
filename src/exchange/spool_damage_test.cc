// Damage of every kind is noticed, named and attributed to its producer; never read, never a crash.
#include <fstream>
#include <thread>

#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spool_format.h"
#include "exchange/spool_index.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

class SpoolDamageTest : public SpoolTest {
 protected:
  void SetUp() override {
    SpoolTest::SetUp();
    SpoolWriter writer(SpoolPlace(*stores_, Producer(4, 1)), 3, Producer(4, 1), {0, 1 << 20});
    for (int i = 0; i < 6; i++) Append(writer, i % 3, PageOf(i, 1001 + i), i);
    manifest_ = Share(writer.Finish());
    path_ = Files().at(0);
  }

  /// Why the object cannot be read; empty when it can.
  std::string Loss(const PartitionSet& partitions = PartitionSet::All()) {
    try {
      ReadAllOf({manifest_}, partitions);
      return "";
    } catch (const SpooledDataLost& lost) {
      EXPECT_EQ(lost.producer(), Producer(4, 1));
      EXPECT_TRUE(lost.error().retriable());
      EXPECT_NE(std::string(lost.what()).find(Producer(4, 1).ToString()), std::string::npos);
      EXPECT_NE(std::string(lost.what()).find(path_), std::string::npos) << lost.what();
      return lost.what();
    }
  }

  void FlipBit(uint64_t offset) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(offset);
    const char byte = static_cast<char>(file.get() ^ 4);
    file.seekp(offset);
    file.put(byte);
  }

  std::shared_ptr<const Manifest> manifest_;
  std::string path_;
};

TEST_F(SpoolDamageTest, EveryFlippedByteOfHeaderAndBlocksIsNoticed) {
  ASSERT_EQ(Loss(), "");
  const uint64_t index_offset =
      manifest_->blocks().back().offset + BlockBytes(manifest_->blocks().back().size);
  std::vector<bool> padding(index_offset);
  for (const SpoolBlock& block : manifest_->blocks()) {
    for (uint64_t i = block.offset + kBlockHeaderBytes + block.size;
         i < block.offset + BlockBytes(block.size); i++) {
      padding[i] = true;
    }
  }
  for (uint64_t offset = 0; offset < index_offset; offset += offset < 200 ? 1 : 13) {
    FlipBit(offset);
    EXPECT_EQ(Loss().empty(), padding[offset]) << offset;
    FlipBit(offset);
  }
  EXPECT_EQ(Loss(), "");
}

TEST_F(SpoolDamageTest, EveryFlippedByteOfTheIndexIsNoticedByItsReaders) {
  const storage::ObjectPlace place = stores_->Find(manifest_->location());
  const uint64_t size = std::filesystem::file_size(path_);
  const uint64_t index_offset =
      manifest_->blocks().back().offset + BlockBytes(manifest_->blocks().back().size);
  const uint64_t index_end = index_offset + ReadSpoolIndex(place, size).Serialize().size();
  for (uint64_t offset = index_offset; offset < size; offset++) {
    if (offset >= index_end - manifest_->location().size() && offset < size - kFooterBytes) continue;
    FlipBit(offset);
    EXPECT_THROW(ReadSpoolIndex(place, size), TrinoException) << offset;
    EXPECT_EQ(Loss(), "");
    FlipBit(offset);
  }
  for (const uint64_t wrong : {uint64_t{0}, uint64_t{39}, size - 8}) {
    EXPECT_THROW(ReadSpoolIndex(place, wrong), TrinoException);
  }
  EXPECT_THROW(ReadSpoolIndex(place, size + 8), TrinoException);
}

TEST_F(SpoolDamageTest, NamesTheOffsetOfADamagedBlock) {
  const SpoolBlock& block = manifest_->blocks()[4];
  FlipBit(block.offset + kBlockHeaderBytes + 500);
  EXPECT_NE(Loss().find("offset " + std::to_string(block.offset)), std::string::npos) << Loss();
  EXPECT_EQ(Loss(PartitionSet::Range(block.partition + 1, 1)), "");
}

TEST_F(SpoolDamageTest, TruncatedAndMissingObjects) {
  const uint64_t size = manifest_->blocks().back().offset;
  for (const uint64_t length : {size, size - 1, uint64_t{16}, uint64_t{0}}) {
    std::filesystem::resize_file(path_, length);
    EXPECT_NE(Loss(), "") << length;
  }
  std::filesystem::remove(path_);
  EXPECT_NE(Loss().find("missing"), std::string::npos) << Loss();
}

TEST_F(SpoolDamageTest, AnotherAttemptsObjectDoesNotPass) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(4, 2)), 3, Producer(4, 2), {0, 1 << 20});
  for (int i = 0; i < 6; i++) Append(writer, i % 3, PageOf(i + 100, 1001 + i), i);
  const Manifest other = writer.Finish();
  std::filesystem::copy_file(other.location().substr(strlen("file://")), path_,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(Loss(), "");
}

TEST_F(SpoolDamageTest, AfterALossEveryThreadThrows) {
  FlipBit(manifest_->blocks()[5].offset + kBlockHeaderBytes);
  SpoolReader reader(*stores_, {manifest_}, PartitionSet::All(), {1, 0, 0});
  std::vector<std::thread> threads;
  std::atomic<int> losses{0};
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      try {
        while (reader.Next()) {
        }
        EXPECT_EQ(losses, 0);
      } catch (const SpooledDataLost&) {
        losses++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(losses, 1);
  EXPECT_THROW(reader.Next(), SpooledDataLost);
}

TEST_F(SpoolDamageTest, InlineContentIsCheckedToo) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(9)), 1, Producer(9));
  Append(writer, 0, PageOf(1, 100), 1);
  const Manifest good = writer.Finish();
  std::string content(reinterpret_cast<const char*>(good.content().get()), good.content_size());
  for (size_t i = 0; i < kBlockHeaderBytes + 100; i++) {
    std::string damaged = content;
    damaged[i] ^= 1;
    const auto manifest =
        Share(Manifest::OfContent(Producer(9), 1, {good.blocks().begin(), good.blocks().end()}, damaged));
    EXPECT_THROW(ReadAllOf({manifest}, PartitionSet::All()), SpooledDataLost) << i;
  }
}

TEST_F(SpoolDamageTest, RandomDamageNeverGivesOtherBytes) {
  const std::vector<std::string> good = ReadAllOf({manifest_}, PartitionSet::All());
  std::ifstream file(path_, std::ios::binary);
  const std::string original{std::istreambuf_iterator<char>(file), {}};
  std::mt19937 random(20261122);
  for (int round = 0; round < 500; round++) {
    std::string damaged = original;
    for (uint32_t i = 0; i <= random() % 4; i++) {
      const size_t at = random() % damaged.size();
      switch (random() % 3) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.resize(at + 1);
          break;
        default:
          damaged.replace(at, 64, damaged, random() % damaged.size(), 64);
      }
    }
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << damaged;
    try {
      EXPECT_TRUE(ReadAllOf({manifest_}, PartitionSet::All()) == good);
    } catch (const SpooledDataLost& lost) {
      EXPECT_EQ(lost.producer(), Producer(4, 1));
    }
    try {
      ReadSpoolIndex(stores_->Find(manifest_->location()), damaged.size());
    } catch (const TrinoException&) {
      continue;
    }
  }
}

}  // namespace
}  // namespace planaria::exchange
