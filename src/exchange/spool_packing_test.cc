// Compressed and sealed blocks: what comes back, what is stored, and who cannot read it.
#include <fstream>
#include <thread>

#include "base/error.h"
#include "env/aes_gcm.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spool_format.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

constexpr BlockCodec kCodecs[] = {BlockCodec::kNone, BlockCodec::kLz4, BlockCodec::kZstd};

/// Shrinks to a fraction.
std::string TextOf(uint32_t seed, size_t size) {
  std::string text;
  while (text.size() < size) text += "customer#" + std::to_string(seed * 7919 + text.size()) + " BUILDING ";
  text.resize(size);
  return text;
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class SpoolPackingTest : public SpoolTest {
 protected:
  std::shared_ptr<const Manifest> Write(const SpoolWriterOptions& options,
                                        const std::vector<std::string>& pages,
                                        const TaskId& producer = Producer(0)) {
    SpoolWriter writer(SpoolPlace(*stores_, producer), 2, producer, options);
    for (uint32_t i = 0; i < pages.size(); i++) Append(writer, i % 2, pages[i], i);
    return Share(Manifest::Parse(writer.Finish().Serialize()));
  }
  std::vector<std::string> Read(const std::shared_ptr<const Manifest>& manifest, const Secret& key) {
    SpoolReaderOptions options;
    options.key = key;
    return ReadAllOf({manifest}, PartitionSet::All(), options);
  }
  /// Why it cannot be read; empty when it can.
  std::string Loss(const std::shared_ptr<const Manifest>& manifest, const Secret& key) {
    try {
      Read(manifest, key);
      return "";
    } catch (const SpooledDataLost& lost) {
      EXPECT_EQ(lost.producer(), manifest->producer());
      EXPECT_EQ(lost.error().code, errors::CORRUPT_PAGE);
      EXPECT_TRUE(lost.error().retriable());
      for (const Secret& secret : {key_, other_key_}) {
        EXPECT_EQ(std::string(lost.what()).find(std::string(secret.bytes())), std::string::npos);
      }
      return lost.what();
    }
  }

  const Secret key_{SecureRandomBytes(kSpoolKeyBytes)};
  const Secret other_key_{SecureRandomBytes(kSpoolKeyBytes)};
};

TEST_F(SpoolPackingTest, GivesBackEveryPage) {
  std::vector<std::string> pages = {"", "x", std::string(100'000, 'a')};
  for (uint32_t i = 0; i < 40; i++) {
    pages.push_back(TextOf(i, i * 997));
    pages.push_back(PageOf(i, i * 1009));
  }
  std::vector<std::string> expected = pages;
  std::sort(expected.begin(), expected.end());
  uint64_t bytes = 0;
  for (const std::string& page : pages) bytes += page.size();
  uint32_t task = 0;
  for (const BlockCodec codec : kCodecs) {
    for (const Secret& key : {Secret(), key_}) {
      for (const size_t inline_limit : {size_t{0}, size_t{1} << 30}) {
        const auto manifest =
            Write({inline_limit, inline_limit + 100'000, codec, key}, pages, Producer(++task));
        EXPECT_EQ(manifest->is_inline(), inline_limit > 0);
        EXPECT_EQ(manifest->salt().empty(), key.empty());
        EXPECT_EQ(manifest->Total().bytes, bytes) << "the scheduler wants to know the size of the pages";
        EXPECT_TRUE(Read(manifest, key_) == expected);
        const auto cut = Share(manifest->Select(PartitionSet::Range(1, 1)));
        EXPECT_EQ(Read(cut, key_).size(), pages.size() / 2);
      }
    }
  }
}

TEST_F(SpoolPackingTest, OnlyPagesThatShrinkAreCompressed) {
  for (const BlockCodec codec : {BlockCodec::kLz4, BlockCodec::kZstd}) {
    for (const Secret& key : {Secret(), key_}) {
      const auto manifest = Write({0, 1 << 20, codec, key}, {TextOf(1, 50'000), PageOf(1, 50'000), ""},
                                  Producer(1, static_cast<uint32_t>(codec) * 2 + !key.empty()));
      const std::string object = ContentOf(manifest->location().substr(strlen("file://")));
      const size_t seal = key.empty() ? 0 : kSealBytes;
      const auto header = [&](size_t block) {
        BlockHeader found;
        EXPECT_TRUE(DecodeBlockHeader(
            reinterpret_cast<const uint8_t*>(object.data()) + manifest->blocks()[block].offset, found));
        return found;
      };
      EXPECT_EQ(header(0).codec, codec);
      EXPECT_LT(header(0).size, 25'000u);
      EXPECT_EQ(header(1).codec, BlockCodec::kNone);
      EXPECT_EQ(header(1).size, 50'000u + seal);
      EXPECT_EQ(header(2).size, seal);
    }
  }
}

TEST_F(SpoolPackingTest, NothingReadableIsStored) {
  const std::string word = "PLAINTEXT OF A CUSTOMER";
  std::vector<std::string> pages;
  for (int i = 0; i < 20; i++) pages.push_back(std::string(100, 'c') + word + std::string(i, 'b'));
  for (const size_t inline_limit : {size_t{0}, size_t{1} << 20}) {
    const auto everything = [&](const Secret& key, uint32_t attempt) {
      std::string stored =
          Write({inline_limit, 1 << 20, BlockCodec::kNone, key}, pages, Producer(1, attempt))->Serialize();
      for (const std::string& file : Files()) stored += ContentOf(file);
      for (const std::string& file : Files()) std::filesystem::remove(file);
      return stored;
    };
    EXPECT_NE(everything(Secret(), 0).find(word), std::string::npos) << "the test would find it";
    const std::string sealed = everything(key_, 1);
    EXPECT_EQ(sealed.find(word), std::string::npos);
    EXPECT_EQ(sealed.find(std::string(8, 'c')), std::string::npos);
    EXPECT_EQ(sealed.find(std::string(key_.bytes())), std::string::npos);
  }
}

TEST_F(SpoolPackingTest, EqualPagesAreNotEqualInTheObject) {
  const std::vector<std::string> pages(4, std::string(64, 'x'));
  const auto first = Write({0, 1 << 20, BlockCodec::kNone, key_}, pages, Producer(1, 0));
  // The same attempt once more, as when two nodes were told to run it.
  const std::string once = ContentOf(first->location().substr(strlen("file://")));
  std::filesystem::remove(Files().at(0));
  const auto second = Write({0, 1 << 20, BlockCodec::kNone, key_}, pages, Producer(1, 0));
  EXPECT_NE(first->salt(), second->salt());
  const std::string again = ContentOf(second->location().substr(strlen("file://")));
  std::vector<std::string> payloads;
  for (const SpoolBlock& block : first->blocks()) {
    payloads.push_back(once.substr(block.offset + kBlockHeaderBytes, 64));
    payloads.push_back(again.substr(block.offset + kBlockHeaderBytes, 64));
  }
  std::sort(payloads.begin(), payloads.end());
  EXPECT_EQ(std::unique(payloads.begin(), payloads.end()), payloads.end());
}

TEST_F(SpoolPackingTest, WithoutTheKeyAnOutputIsLost) {
  for (const BlockCodec codec : kCodecs) {
    for (const size_t inline_limit : {size_t{0}, size_t{1} << 20}) {
      const TaskId producer = Producer(inline_limit > 0, static_cast<uint32_t>(codec));
      const auto manifest =
          Write({inline_limit, 1 << 20, codec, key_}, {TextOf(1, 1000), PageOf(1, 1000)}, producer);
      EXPECT_EQ(Loss(manifest, key_), "");
      EXPECT_NE(Loss(manifest, other_key_).find("sealed with another key"), std::string::npos);
      EXPECT_NE(Loss(manifest, Secret()).find("there is no key"), std::string::npos);
    }
  }
}

/// Who can write to the store, and even to manifests, without having the key.
TEST_F(SpoolPackingTest, ForgedBlocksAreNoticed) {
  for (const BlockCodec codec : kCodecs) {
    const TaskId producer = Producer(3, static_cast<uint32_t>(codec));
    const auto manifest = Write({0, 1 << 20, codec, key_},
                                {TextOf(1, 900), TextOf(2, 900), TextOf(3, 900), TextOf(4, 900)}, producer);
    const std::string path = manifest->location().substr(strlen("file://"));
    const std::string good = ContentOf(path);
    const SpoolBlock& block = manifest->blocks()[1];
    // With checksums, in the object and in the manifest, that are right for what is there.
    const auto reading = [&](const std::string& object, uint32_t partition, const TaskId& writer) {
      std::string forged = object;
      auto* const at = reinterpret_cast<uint8_t*>(forged.data()) + block.offset;
      BlockHeader header;
      EXPECT_TRUE(DecodeBlockHeader(at, header));
      header.partition = partition;
      header.checksum = BlockChecksum(header, at + kBlockHeaderBytes);
      EncodeBlockHeader(header, at);
      std::ofstream(path, std::ios::binary | std::ios::trunc) << forged;
      SpoolBlock listed = block;
      listed.partition = partition;
      listed.checksum = header.checksum;
      return Loss(Share(Manifest::OfObject(writer, manifest->location(), 2, {listed}, manifest->salt())),
                  key_);
    };
    EXPECT_EQ(reading(good, block.partition, producer), "");
    EXPECT_NE(reading(good, 1 - block.partition, producer), "") << "moved to another partition";
    EXPECT_NE(reading(good, block.partition, Producer(4)), "") << "passed off as another task's";
    for (size_t i = 0; i < block.size; i++) {
      std::string altered = good;
      altered[block.offset + kBlockHeaderBytes + i] ^= 1;
      EXPECT_NE(reading(altered, block.partition, producer), "") << i;
    }
    // One block in the place of another: the manifest knows which was there.
    const SpoolBlock& other = manifest->blocks()[3];
    if (other.size != block.size) continue;
    std::string swapped = good;
    swapped.replace(block.offset, BlockBytes(block.size), good, other.offset, BlockBytes(other.size));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << swapped;
    EXPECT_NE(Loss(manifest, key_), "");
  }
}

TEST_F(SpoolPackingTest, PlainBlocksDoNotPassForSealedOnes) {
  const auto plain = Write({1 << 20, 1 << 20}, {"forged"});
  const auto claimed = Share(
      Manifest::OfContent(plain->producer(), 2, {plain->blocks().begin(), plain->blocks().end()},
                          {reinterpret_cast<const char*>(plain->content().get()), plain->content_size()},
                          std::string(kSaltBytes, 's')));
  EXPECT_EQ(Loss(plain, key_), "");
  EXPECT_NE(Loss(claimed, key_).find("damaged block header"), std::string::npos);
}

TEST_F(SpoolPackingTest, ManyThreadsSealAndOpen) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 4, Producer(0), {0, 100'000, BlockCodec::kLz4, key_});
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (uint32_t i = 0; i < 100; i++) Append(writer, i % 4, TextOf(t * 1000 + i, i * 331), t * 1000 + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  SpoolReaderOptions options;
  options.key = key_;
  SpoolReader reader(*stores_, {Share(writer.Finish())}, PartitionSet::All(), options);
  std::atomic<int> read{0};
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      while (const auto page = reader.Next()) {
        const std::string bytes(reinterpret_cast<const char*>(page->data), page->size);
        EXPECT_TRUE(bytes == TextOf(page->rows, bytes.size()));
        read++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read, 400);
}

}  // namespace
}  // namespace planaria::exchange
