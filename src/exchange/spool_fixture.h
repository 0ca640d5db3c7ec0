// What the exchange's tests share: producers, pages with known content, spools written and read back.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "exchange/spool_reader.h"
#include "exchange/spool_writer.h"
#include "storage/local_object_store.h"
#include "storage/memory_object_store.h"
#include "storage/store_set.h"

namespace planaria::exchange {

inline TaskId Producer(uint32_t partition, uint32_t attempt = 0) {
  return {{"20261122_190000_00001_abcde"}, {3}, {partition}, {attempt}};
}

/// Bytes that differ for every (seed, size).
inline std::string PageOf(uint32_t seed, size_t size) {
  std::mt19937 random(seed);
  std::string page(size, '\0');
  for (char& byte : page) byte = static_cast<char>(random());
  return page;
}

inline void Append(SpoolWriter& writer, uint32_t partition, const std::string& page, uint32_t rows) {
  writer.Append(partition, reinterpret_cast<const uint8_t*>(page.data()), page.size(), rows);
}

inline std::shared_ptr<const Manifest> Share(Manifest manifest) {
  return std::make_shared<const Manifest>(std::move(manifest));
}

/// Everything that a reader gives, sorted.
inline std::vector<std::string> ReadAll(SpoolReader& reader) {
  std::vector<std::string> pages;
  while (const auto page = reader.Next()) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(page->data) % 8, 0u);
    pages.emplace_back(reinterpret_cast<const char*>(page->data), page->size);
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

/// A directory of its own with two stores.
class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "spool_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    stores_ = storage::OpenBaseDirectories(directory_ + "/a," + directory_ + "/b");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// All files below the base directories.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    return files;
  }

  std::vector<std::string> ReadAllOf(std::vector<std::shared_ptr<const Manifest>> manifests,
                                     const PartitionSet& partitions, SpoolReaderOptions options = {}) {
    SpoolReader reader(*stores_, std::move(manifests), partitions, options);
    return ReadAll(reader);
  }

  std::string directory_;
  std::shared_ptr<storage::StoreSet> stores_;
};

}  // namespace planaria::exchange
