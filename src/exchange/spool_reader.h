// Reads the pages of some partitions from the outputs of several producers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/secret.h"
#include "exchange/hedge_policy.h"
#include "exchange/manifest.h"
#include "exchange/partition_set.h"
#include "exchange/read_state.h"
#include "exchange/spool_traffic.h"
#include "storage/object_store.h"

namespace planaria {
class BlockingPool;
}  // namespace planaria

namespace planaria::exchange {

class OutputHolders;

/// What a producer appended. `data` starts at a multiple of 8 and lives as long as `owner`, which pins,
/// unless the page was compressed or sealed, the whole read that the page came with (at most
/// SpoolReaderOptions::read_bytes, or one page if that is more).
struct SpooledPage {
  std::shared_ptr<const void> owner;
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint32_t rows = 0;
  /// Of the producer's output.
  uint32_t partition = 0;
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
  /// On remote stores: what may lie between two blocks there, as long as at least half of what is read is
  /// wanted.
  size_t remote_gap_bytes = 1 << 20;
  /// Reads remote stores ahead of need, `concurrent_reads` ranges at a time and in memory; outlives the
  /// reader. Null: only those who ask for pages read.
  BlockingPool* pool = nullptr;
  size_t concurrent_reads = 4;
  /// Says when a range of a remote store is read a second time, beside the first; null: never.
  std::shared_ptr<HedgePolicy> hedging = {};
  /// Asked before a remote store; null: only stores are read.
  std::shared_ptr<OutputHolders> near = {};
  /// Counts what the reading costs; may be null.
  std::shared_ptr<SpoolTraffic> traffic = {};
};

/// Thread-safe. Pages come producer by producer, and of each in the order in which they were appended;
/// several threads share them out.
class SpoolReader {
 public:
  /// Reads nothing yet. Throws what `locator.Find` throws for a manifest's location.
  SpoolReader(storage::ObjectLocator& locator, std::vector<std::shared_ptr<const Manifest>> manifests,
              const PartitionSet& partitions, SpoolReaderOptions options = {});
  ~SpoolReader();
  SpoolReader(const SpoolReader&) = delete;

  /// More outputs to read; after `complete` there are none. Throws as the constructor does.
  void Add(std::vector<std::shared_ptr<const Manifest>> manifests, bool complete);

  /// The next page, each once. Its bytes are those that were appended: the checksum has been verified. Throws
  /// SpooledDataLost when a producer's output is missing, cut short, altered or sealed with another key, and
  /// whatever else the store throws; later calls of any thread throw the same. Blocks while it reads; kLater
  /// is only for manifests to come, then `wake`, unless empty, is called.
  ReadState Next(SpooledPage& page, const Wake& wake);
  /// The same for complete readers; nothing when all pages were given out.
  std::optional<SpooledPage> Next();

  /// Rows and bytes of all selected pages, read or not; for complete readers, as the next two.
  PartitionStatistics Total() const;
  uint64_t TotalRows() const { return Total().rows; }
  /// Number of selected pages.
  size_t PageCount() const;

 private:
  class Core;
  /// What reads ahead shares it, so that no read that is under way holds back who needs it no more.
  const std::shared_ptr<Core> core_;
};

}  // namespace planaria::exchange
