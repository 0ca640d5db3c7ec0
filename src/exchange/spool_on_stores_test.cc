// Outputs, plain and sealed, on every store: what is written comes back, what is sealed cannot be read.
#include <tuple>

#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spooled_data_lost.h"
#include "storage/stores_for_test.h"

namespace planaria::exchange {
namespace {

constexpr uint32_t kPartitions = 5;
constexpr const char* kMark = "what nobody else may read";

class SpoolOnStoresTest : public testing::TestWithParam<std::tuple<storage::StoreUnderTest, bool>> {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "spool_on_stores_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    const auto& [store, sealed] = GetParam();
    if (!store.there()) GTEST_SKIP() << store.server()->Missing();
    store_ = store.open(directory_);
    stores_ = std::make_shared<storage::StoreSet>(std::vector{store_});
    if (sealed) key_ = Secret(std::string(kSpoolKeyBytes, 'k'));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// `pages` pages of about `bytes`, all with the mark.
  std::shared_ptr<const Manifest> Write(uint32_t producer, uint32_t pages, size_t bytes) {
    SpoolWriter writer(SpoolPlace(*stores_, Producer(producer)), kPartitions, Producer(producer),
                       {.inline_limit_bytes = 0, .codec = BlockCodec::kLz4, .key = key_});
    for (uint32_t i = 0; i < pages; i++) {
      const std::string page = kMark + PageOf(producer * 1000 + i, bytes);
      written_[i % kPartitions].push_back(page);
      Append(writer, i % kPartitions, page, 1);
    }
    return Share(writer.Finish());
  }

  std::vector<std::string> Read(std::vector<std::shared_ptr<const Manifest>> manifests,
                                const PartitionSet& partitions) {
    SpoolReaderOptions options;
    options.key = key_;
    SpoolReader reader(*stores_, std::move(manifests), partitions, options);
    return ReadAll(reader);
  }

  std::string Bytes(const storage::ObjectInfo& object) {
    std::string bytes(object.size, '\0');
    store_->Read(object.key, 0, bytes.size(), bytes.data());
    return bytes;
  }

  std::string directory_;
  std::shared_ptr<storage::ObjectStore> store_;
  std::shared_ptr<storage::StoreSet> stores_;
  Secret key_;
  std::map<uint32_t, std::vector<std::string>> written_;
};

TEST_P(SpoolOnStoresTest, OutputsComeBackByPartition) {
  // One request, one with pages of all sizes, and one of several parts.
  const std::vector<std::shared_ptr<const Manifest>> manifests = {Write(1, 3, 100), Write(2, 40, 7'000),
                                                                  Write(3, 30, 400'000)};
  for (uint32_t partition = 0; partition < kPartitions; partition++) {
    std::vector<std::string> expected = written_[partition];
    std::sort(expected.begin(), expected.end());
    ASSERT_FALSE(expected.empty());
    EXPECT_TRUE(Read(manifests, PartitionSet::Range(partition, 1)) == expected) << "partition " << partition;
  }
  DeleteSpooled(*stores_, Producer(1).query);
  EXPECT_THROW(Read(manifests, PartitionSet::All()), SpooledDataLost);
}

TEST_P(SpoolOnStoresTest, OnlyPlainObjectsCanBeReadWithoutTheKey) {
  Write(1, 20, 5'000);
  const auto objects = store_->ListPrefix("");
  ASSERT_EQ(objects.size(), 1u);
  const bool readable = Bytes(objects.front()).find(kMark) != std::string::npos;
  EXPECT_EQ(readable, !std::get<bool>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Stores, SpoolOnStoresTest,
                         testing::Combine(testing::ValuesIn(storage::StoresUnderTest()), testing::Bool()),
                         [](const auto& info) {
                           return std::get<0>(info.param).name +
                                  (std::get<1>(info.param) ? "Sealed" : "Plain");
                         });

}  // namespace
}  // namespace planaria::exchange
