// What is appended is what is read: any sizes, partitions, threads.
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spool_format.h"
#include "exchange/spool_index.h"

namespace planaria::exchange {
namespace {

TEST_F(SpoolTest, GivesBackEveryPageOfTheSelectedPartitions) {
  const uint32_t partitions = 7;
  std::map<uint32_t, std::vector<std::string>> expected;
  std::vector<std::shared_ptr<const Manifest>> manifests;
  uint32_t seed = 0;
  for (uint32_t task = 0; task < 3; task++) {
    SpoolWriter writer(SpoolPlace(*stores_, Producer(task)), partitions, Producer(task));
    for (int i = 0; i < 200; i++) {
      const size_t size = i % 10 == 0 ? 300'000 + i : (i * 613) % 20'000;
      const std::string page = PageOf(++seed, size);
      Append(writer, seed % partitions, page, i);
      expected[seed % partitions].push_back(page);
    }
    manifests.push_back(Share(writer.Finish()));
    EXPECT_FALSE(manifests.back()->is_inline());
    EXPECT_EQ(manifests.back()->producer(), Producer(task));
  }
  EXPECT_EQ(Files().size(), 3u);

  std::vector<std::string> all;
  for (auto& [partition, pages] : expected) {
    std::sort(pages.begin(), pages.end());
    all.insert(all.end(), pages.begin(), pages.end());
    EXPECT_TRUE(ReadAllOf(manifests, PartitionSet::Range(partition, 1)) == pages) << partition;
    const Manifest cut = manifests[0]->Select(PartitionSet::Range(partition, 1));
    EXPECT_EQ(cut.Total().rows, manifests[0]->PerPartition()[partition].rows);
  }
  std::sort(all.begin(), all.end());
  for (const size_t read_bytes : {size_t{1}, size_t{50'000}, size_t{4 << 20}, size_t{1} << 40}) {
    for (const size_t gap_bytes : {size_t{0}, size_t{1 << 20}}) {
      EXPECT_TRUE(ReadAllOf(manifests, PartitionSet::All(), {read_bytes, gap_bytes, 1}) == all)
          << read_bytes << ' ' << gap_bytes;
    }
  }
  std::vector<std::string> two = expected[2];
  two.insert(two.end(), expected[5].begin(), expected[5].end());
  std::sort(two.begin(), two.end());
  EXPECT_TRUE(ReadAllOf(manifests, PartitionSet::Of({5, 2, 2, 100})) == two);
  EXPECT_TRUE(ReadAllOf(manifests, PartitionSet::Of({})).empty());
  EXPECT_TRUE(ReadAllOf({}, PartitionSet::All()).empty());
}

TEST_F(SpoolTest, ReaderKnowsItsTotalsBeforeReading) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 2, Producer(0));
  Append(writer, 0, PageOf(1, 50'000), 10);
  Append(writer, 1, PageOf(2, 60'000), 20);
  Append(writer, 1, PageOf(3, 70'000), 30);
  const auto manifest = Share(writer.Finish());
  const SpoolReader reader(*stores_, {manifest}, PartitionSet::Range(1, 1));
  EXPECT_EQ(reader.TotalRows(), 50u);
  EXPECT_EQ(reader.Total().bytes, 130'000u);
  EXPECT_EQ(reader.PageCount(), 2u);
  EXPECT_EQ(manifest->Total().rows, 60u);
}

TEST_F(SpoolTest, SmallOutputsTravelInTheManifest) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 3, Producer(0));
  Append(writer, 2, "two", 1);
  Append(writer, 0, "", 5);
  Append(writer, 2, PageOf(1, 20'000), 2);
  const auto manifest = Share(Manifest::Parse(writer.Finish().Serialize()));
  EXPECT_TRUE(manifest->is_inline());
  EXPECT_TRUE(Files().empty());
  EXPECT_EQ(ReadAllOf({manifest}, PartitionSet::All()).size(), 3u);
  const auto cut = Share(Manifest::Parse(manifest->Select(PartitionSet::Range(2, 1)).Serialize()));
  EXPECT_TRUE(ReadAllOf({cut}, PartitionSet::All()) == ReadAllOf({manifest}, PartitionSet::Range(2, 1)));
  EXPECT_LT(manifest->Select(PartitionSet::Range(0, 1)).Serialize().size(), 150u);
}

TEST_F(SpoolTest, InlineLimitCountsBlockHeaders) {
  const SpoolWriterOptions options{1000, 1 << 20};
  SpoolWriter fits(SpoolPlace(*stores_, Producer(0)), 1, Producer(0), options);
  Append(fits, 0, PageOf(1, 1000 - kBlockHeaderBytes), 1);
  EXPECT_TRUE(fits.Finish().is_inline());
  SpoolWriter exceeds(SpoolPlace(*stores_, Producer(1)), 1, Producer(1), options);
  Append(exceeds, 0, PageOf(1, 1001 - kBlockHeaderBytes), 1);
  EXPECT_FALSE(exceeds.Finish().is_inline());
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(SpoolTest, EmptyOutputsAreInlineAndReadAsNothing) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 1000, Producer(0));
  const auto manifest = Share(Manifest::Parse(writer.Finish().Serialize()));
  EXPECT_TRUE(manifest->is_inline());
  EXPECT_TRUE(ReadAllOf({manifest, manifest}, PartitionSet::All()).empty());
}

TEST_F(SpoolTest, OneThreadGetsTheOrderOfAppending) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 1, Producer(0));
  for (int i = 0; i < 300; i++) Append(writer, 0, std::to_string(i) + PageOf(i, 40'000), i);
  SpoolReader reader(*stores_, {Share(writer.Finish())}, PartitionSet::All());
  for (uint32_t i = 0; i < 300; i++) EXPECT_EQ(reader.Next()->rows, i);
  EXPECT_FALSE(reader.Next().has_value());
  EXPECT_FALSE(reader.Next().has_value());
}

TEST_F(SpoolTest, ManyThreadsAppendAndRead) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 4, Producer(0), {0, 100'000});
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (uint32_t i = 0; i < 200; i++) {
        Append(writer, i % 4, PageOf(t * 1000 + i, (i * 977) % 60'000), t * 1000 + i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  SpoolReader reader(*stores_, {Share(writer.Finish())}, PartitionSet::All(), {1 << 20, 0, 0});
  EXPECT_EQ(reader.PageCount(), 800u);
  std::vector<std::atomic<int>> seen(4000);
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      while (const auto page = reader.Next()) {
        const std::string bytes(reinterpret_cast<const char*>(page->data), page->size);
        EXPECT_TRUE(bytes == PageOf(page->rows, bytes.size()));
        seen[page->rows]++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (uint32_t t = 0; t < 4; t++) {
    for (uint32_t i = 0; i < 200; i++) EXPECT_EQ(seen[t * 1000 + i], 1);
  }
}

TEST_F(SpoolTest, PagesOutliveTheirReader) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 1, Producer(0), {0, 1 << 20});
  Append(writer, 0, PageOf(7, 5000), 1);
  auto manifest = Share(writer.Finish());
  auto reader = std::make_unique<SpoolReader>(*stores_, std::vector{manifest}, PartitionSet::All());
  const SpooledPage page = *reader->Next();
  reader.reset();
  manifest.reset();
  EXPECT_TRUE(std::string(reinterpret_cast<const char*>(page.data), page.size) == PageOf(7, 5000));
}

TEST_F(SpoolTest, AbortLeavesNothing) {
  for (const bool explicitly : {true, false}) {
    auto writer = std::make_unique<SpoolWriter>(SpoolPlace(*stores_, Producer(0)), 1, Producer(0));
    for (int i = 0; i < 30; i++) Append(*writer, 0, PageOf(i, 100'000), 1);
    EXPECT_EQ(Files().size(), 1u);
    if (explicitly) {
      writer->Abort();
      EXPECT_TRUE(Files().empty());
      EXPECT_THROW(Append(*writer, 0, "late", 1), TrinoException);
      EXPECT_THROW(writer->Finish(), TrinoException);
    }
    writer.reset();
    EXPECT_TRUE(Files().empty());
  }
}

TEST_F(SpoolTest, WrongPagesAreRefused) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 2, Producer(0));
  EXPECT_THROW(Append(writer, 2, "x", 1), TrinoException);
  EXPECT_THROW(writer.Append(0, nullptr, size_t{1} << 33, 1), TrinoException);
  Append(writer, 1, "x", 1);
  EXPECT_EQ(writer.Finish().blocks().size(), 1u);
  EXPECT_THROW(writer.Finish(), TrinoException);
}

TEST_F(SpoolTest, FullDiskFailsEveryAppendFromThenOnAndLeavesNothing) {
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit;
  getrlimit(RLIMIT_FSIZE, &old_limit);
  const rlimit limit{5 << 20, old_limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 1, Producer(0));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 3; t++) {
    threads.emplace_back([&, t] {
      for (uint32_t i = 0; i < 100; i++) {
        try {
          Append(writer, 0, PageOf(t, 100'000), 1);
        } catch (const TrinoException& failure) {
          EXPECT_EQ(failure.error().code, errors::GENERIC_INSUFFICIENT_RESOURCES);
          failures++;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(failures, 100);
  EXPECT_THROW(writer.Finish(), TrinoException);
  setrlimit(RLIMIT_FSIZE, &old_limit);
  signal(SIGXFSZ, old_handler);
  EXPECT_TRUE(Files().empty());
}

TEST_F(SpoolTest, IndexTellsWhatTheManifestTells) {
  SpoolWriter writer(SpoolPlace(*stores_, Producer(0)), 5, Producer(0), {0, 1000});
  for (int i = 0; i < 50; i++) Append(writer, i % 5, PageOf(i, 100 + i), i);
  const Manifest manifest = writer.Finish();
  const storage::ObjectPlace place = stores_->Find(manifest.location());
  const uint64_t size = place.store->ListPrefix(place.key).at(0).size;
  EXPECT_EQ(ReadSpoolIndex(place, size).Serialize(), manifest.Serialize());
}

}  // namespace
}  // namespace planaria::exchange
