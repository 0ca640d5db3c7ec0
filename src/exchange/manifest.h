// What a task attempt wrote: where its object is, and every page's place, sizes, rows and checksum.
//
// The manifest travels in the task's final report and from there, cut down with Select, to the consumers. A
// small output has no object: its manifest carries the pages. Format: docs/formats/spool-object.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "exchange/partition_set.h"

namespace planaria::exchange {

/// One page in the object (or in the inline content).
struct SpoolBlock {
  /// Of the block's header, a multiple of 8.
  uint64_t offset = 0;
  /// Of the payload, without header and padding.
  uint32_t size = 0;
  uint32_t rows = 0;
  uint32_t partition = 0;
  uint64_t checksum = 0;
  /// What compressing took off the page; less than 0 where sealing has added more.
  int32_t saved = 0;
  uint32_t page_bytes() const { return size + static_cast<uint32_t>(saved); }
  bool operator==(const SpoolBlock&) const = default;
};

/// Totals of one partition; bytes are those of the pages, however they are stored.
struct PartitionStatistics {
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

/// Immutable once made; cheap enough to copy only for tests, share it by pointer.
class Manifest {
 public:
  /// An output in an object. Blocks may come in any order; they must not overlap. `salt` is that of the
  /// cipher that sealed them, or empty.
  static Manifest OfObject(TaskId producer, std::string location, uint32_t partition_count,
                           std::vector<SpoolBlock> blocks, std::string salt = {});
  /// An output that is carried along: `content` holds the blocks.
  static Manifest OfContent(TaskId producer, uint32_t partition_count, std::vector<SpoolBlock> blocks,
                            std::string_view content, std::string salt = {});

  /// The attempt that wrote it.
  const TaskId& producer() const { return producer_; }
  /// Empty when inline.
  const std::string& location() const { return location_; }
  bool is_inline() const { return content_ != nullptr; }
  /// Where inline blocks are; starts at an address that is a multiple of 8.
  const std::shared_ptr<const uint8_t[]>& content() const { return content_; }
  size_t content_size() const { return content_size_; }
  /// Of the cipher that sealed all blocks; empty when none is sealed.
  const std::string& salt() const { return salt_; }

  uint32_t partition_count() const { return partition_count_; }
  /// Every page, in ascending order of offset.
  std::span<const SpoolBlock> blocks() const { return blocks_; }
  /// Totals over all partitions.
  PartitionStatistics Total() const;
  /// Totals by partition: what the scheduler packs tasks by.
  std::vector<PartitionStatistics> PerPartition() const;

  /// The same output with only the blocks of `partitions`.
  Manifest Select(const PartitionSet& partitions) const;

  /// About 16 bytes per block.
  std::string Serialize() const;
  /// Throws TrinoException(SERIALIZATION_ERROR) saying what is wrong: truncated, damaged, of another version,
  /// or inconsistent.
  static Manifest Parse(std::string_view text);

 private:
  Manifest() = default;
  /// Sorts the blocks by offset and checks that they are apart, in bounds and of known partitions.
  void Adopt(std::vector<SpoolBlock> blocks);
  void AdoptContent(std::string_view content);

  TaskId producer_;
  std::string location_;
  uint32_t partition_count_ = 0;
  std::vector<SpoolBlock> blocks_;
  std::shared_ptr<const uint8_t[]> content_;
  size_t content_size_ = 0;
  std::string salt_;
};

}  // namespace planaria::exchange
