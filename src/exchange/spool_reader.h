// Reads the pages of some partitions from the outputs of several producers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/secret.h"
#include "exchange/block_cipher.h"
#include "exchange/manifest.h"
#include "exchange/partition_set.h"
#include "exchange/read_state.h"
#include "storage/object_store.h"

namespace planaria::exchange {

/// What a producer appended. `data` starts at a multiple of 8 and lives as long as `owner`, which pins,
/// unless the page was compressed or sealed, the whole read that the page came with (at most
/// SpoolReaderOptions::read_bytes, or one page if that is more).
struct SpooledPage {
  std::shared_ptr<const void> owner;
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint32_t rows = 0;
};

struct SpoolReaderOptions {
  /// Blocks near each other are read together up to this size.
  size_t read_bytes = 4 << 20;
  /// What may lie between two blocks that are read together: reading it costs less than another request.
  size_t gap_bytes = 32 << 10;
  /// Rotates the order of the producers, so that many consumers do not all start with the same one.
  size_t first_producer = 0;
  /// False: Add brings more manifests, and the last of them.
  bool complete = true;
  /// Opens sealed outputs: the query's.
  Secret key = {};
};

/// Thread-safe. One thread alone gets the pages of a producer in the order in which they were appended.
class SpoolReader {
 public:
  /// Reads nothing yet. Throws what `locator.Find` throws for a manifest's location.
  SpoolReader(storage::ObjectLocator& locator, std::vector<std::shared_ptr<const Manifest>> manifests,
              const PartitionSet& partitions, SpoolReaderOptions options = {});

  /// More outputs to read; after `complete` there are none. Throws as the constructor does.
  void Add(std::vector<std::shared_ptr<const Manifest>> manifests, bool complete);

  /// The next page, each once. Its bytes are those that were appended:
  /// the checksum has been verified. Throws SpooledDataLost when a producer's output is missing, cut short,
  /// altered or sealed with another key, and whatever else the store throws; later calls of any thread throw
  /// the same. Blocks while it reads; kLater is only for manifests to come, then `wake`, unless empty, is
  /// called.
  ReadState Next(SpooledPage& page, const Wake& wake);
  /// The same for complete readers; nothing when all pages were given out.
  std::optional<SpooledPage> Next();

  /// Rows and bytes of all selected pages, read or not; for complete readers, as the next two.
  PartitionStatistics Total() const { return total_; }
  uint64_t TotalRows() const { return total_.rows; }
  /// Number of selected pages.
  size_t PageCount() const { return page_count_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Source {
    std::shared_ptr<const Manifest> manifest;
    /// Without store when inline.
    storage::ObjectPlace place;
    /// Nothing when its blocks are not sealed, or there is no key.
    std::optional<BlockCipher> cipher;
  };
  /// Neighbouring blocks of one object.
  struct ReadRange {
    const Source* source = nullptr;
    uint64_t begin = 0;
    uint64_t end = 0;
    std::vector<const SpoolBlock*> blocks;
  };
  struct LoadedBlock {
    const Source* source = nullptr;
    const SpoolBlock* block = nullptr;
    std::shared_ptr<const uint8_t[]> owner;
    const uint8_t* bytes = nullptr;
  };

  std::optional<BlockCipher> CipherFor(const Manifest& manifest) const;
  void Plan(const Source& source);
  std::vector<LoadedBlock> Load(const ReadRange& range) const;
  /// The page of a block; throws SpooledDataLost unless it is what the manifest says.
  SpooledPage Verify(const LoadedBlock& loaded) const;
  void Fail();

  storage::ObjectLocator& locator_;
  const PartitionSet partitions_;
  const SpoolReaderOptions options_;

  std::mutex mutex_;
  // Both grow while earlier elements are in use.
  std::deque<Source> sources_;
  std::deque<ReadRange> ranges_;
  PartitionStatistics total_;
  size_t page_count_ = 0;
  bool complete_ = false;
  std::vector<Wake> wakes_;
  std::condition_variable changed_;
  size_t next_range_ = 0;
  size_t loading_ = 0;
  std::deque<LoadedBlock> loaded_;
  std::exception_ptr failure_;
};

}  // namespace planaria::exchange
