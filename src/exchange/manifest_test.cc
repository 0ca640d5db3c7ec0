#include "exchange/manifest.h"

#include "base/error.h"
#include "exchange/block_cipher.h"
#include "exchange/spool_fixture.h"
#include "exchange/spool_format.h"

namespace planaria::exchange {
namespace {

Manifest Sample(uint32_t partitions, uint32_t blocks_each, uint32_t size) {
  std::vector<SpoolBlock> blocks;
  uint64_t offset = kObjectHeaderBytes;
  for (uint32_t i = 0; i < blocks_each; i++) {
    for (uint32_t partition = 0; partition < partitions; partition++) {
      blocks.push_back({offset, size + partition, 1000, partition, 0x0123456789abcdefu * (partition + 1)});
      offset += BlockBytes(size + partition);
    }
  }
  return Manifest::OfObject(Producer(1), "file:///spool/" + Producer(1).query.value + "/3.1.0", partitions,
                            std::move(blocks));
}

/// A manifest's text with its checksum made right again.
std::string Reseal(std::string text) {
  if (text.size() < 8) return text;
  text.resize(text.size() - 8);
  char checksum[8];
  StoreLittleEndian(Checksum(text.data(), text.size()), checksum);
  return text.append(checksum, 8);
}

std::string Refusal(const std::string& text) {
  try {
    Manifest::Parse(text);
    return "accepted";
  } catch (const TrinoException& refused) {
    EXPECT_EQ(refused.error().code, errors::SERIALIZATION_ERROR);
    return refused.what();
  }
}

TEST(ManifestTest, ParsesWhatItSerializes) {
  const Manifest manifest = Sample(10, 3, 100'000);
  const Manifest parsed = Manifest::Parse(manifest.Serialize());
  EXPECT_EQ(parsed.producer(), Producer(1));
  EXPECT_EQ(parsed.location(), manifest.location());
  EXPECT_EQ(parsed.partition_count(), 10u);
  EXPECT_TRUE(std::equal(parsed.blocks().begin(), parsed.blocks().end(), manifest.blocks().begin(),
                         manifest.blocks().end()));
  EXPECT_EQ(parsed.Total().rows, 30'000u);
  EXPECT_EQ(parsed.PerPartition()[9].bytes, 3 * 100'009u);
}

TEST(ManifestTest, SelectKeepsOffsets) {
  const Manifest cut = Manifest::Parse(Sample(10, 3, 100).Select(PartitionSet::Range(4, 2)).Serialize());
  EXPECT_EQ(cut.blocks().size(), 6u);
  EXPECT_EQ(cut.partition_count(), 10u);
  EXPECT_EQ(cut.blocks()[1], Sample(10, 3, 100).blocks()[5]);
}

TEST(ManifestTest, StaysCompact) {
  EXPECT_LT(Sample(1000, 1, 30'000).Serialize().size(), 17'500u);
  EXPECT_LT(Sample(1000, 1, 30'000).Select(PartitionSet::Range(999, 1)).Serialize().size(), 150u);
}

TEST(ManifestTest, SaysWhatIsWrong) {
  const std::string good = Sample(3, 1, 100).Serialize();
  EXPECT_NE(Refusal("").find("empty"), std::string::npos);
  EXPECT_NE(Refusal("\x02").find("ends within"), std::string::npos);
  std::string bad = good;
  bad[0] = 1;
  EXPECT_NE(Refusal(bad).find("version 1"), std::string::npos);
  bad = good;
  bad[20] ^= 1;
  EXPECT_NE(Refusal(bad).find("checksum"), std::string::npos);
  bad = good;
  bad[1] = 4;
  EXPECT_NE(Refusal(Reseal(bad)).find("flags"), std::string::npos);
  EXPECT_NE(Refusal(Reseal(good + "x")).find("left over"), std::string::npos);
  EXPECT_THROW(Manifest::OfObject(Producer(0), "x", 1, {{16, 10, 1, 1, 0}}), TrinoException);
  EXPECT_THROW(Manifest::OfObject(Producer(0), "x", 1, {{0, 10, 1, 0, 0}}), TrinoException);
  EXPECT_THROW(Manifest::OfObject(Producer(0), "x", 1, {{20, 10, 1, 0, 0}}), TrinoException);
  EXPECT_THROW(Manifest::OfObject(Producer(0), "x", 1, {{16, 10, 1, 0, 0}, {24, 10, 1, 0, 0}}),
               TrinoException);
  EXPECT_THROW(Manifest::OfContent(Producer(0), 1, {{0, 10, 1, 0, 0}}, "short"), TrinoException);
}

TEST(ManifestTest, RandomDamageIsRefusedOrConsistent) {
  const Manifest inlined =
      Manifest::OfContent(Producer(2), 4, {{0, 3, 1, 0, 5}, {32, 9, 1, 3, 6}}, std::string(32 + 40, 'c'));
  std::mt19937 random(7);
  const Manifest sealed = Manifest::OfContent(Producer(2), 1, {{0, 30, 1, 0, 5, -24}, {56, 40, 1, 0, 6, 900}},
                                              std::string(120, 'c'), std::string(kSaltBytes, 's'));
  EXPECT_EQ(Manifest::Parse(sealed.Serialize()).salt(), sealed.salt());
  EXPECT_EQ(Manifest::Parse(sealed.Serialize()).Total().bytes, 6u + 940u);
  for (const std::string& good : {Sample(5, 4, 1000).Serialize(), inlined.Serialize(), sealed.Serialize()}) {
    for (int round = 0; round < 20'000; round++) {
      std::string text = good;
      for (uint32_t i = 0; i <= random() % 3; i++) {
        const size_t at = random() % text.size();
        if (random() % 8 == 0) text.resize(at + 1);
        if (random() % 8 == 0) text.insert(at, 1 + random() % 12, static_cast<char>(random()));
        if (at < text.size()) text[at] = static_cast<char>(random() % 4 == 0 ? 0xff : random());
      }
      if (text == good) continue;
      EXPECT_THROW(Manifest::Parse(text), TrinoException);
      try {
        const Manifest parsed = Manifest::Parse(Reseal(text));
        for (const SpoolBlock& block : parsed.blocks()) EXPECT_LT(block.partition, parsed.partition_count());
        EXPECT_EQ(Manifest::Parse(parsed.Serialize()).Serialize(), parsed.Serialize());
      } catch (const TrinoException& refused) {
        EXPECT_EQ(refused.error().code, errors::SERIALIZATION_ERROR) << refused.what();
      }
    }
  }
}

}  // namespace
}  // namespace planaria::exchange
