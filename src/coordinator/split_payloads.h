// The payloads of a scan's splits, packed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "coordinator/descriptor_storage.h"

namespace planaria::coordinator {

/// Thread-safe once filled.
class SplitPayloads {
 public:
  SplitPayloads(DescriptorStorage& storage, QueryId query) : storage_(&storage), query_(std::move(query)) {}

  /// Of the next split.
  void Add(std::string_view payload);
  /// After the last one.
  void Close();

  /// Reads payloads, best in ascending order: neighbours lie together.
  class Reader {
   public:
    explicit Reader(const SplitPayloads& payloads) : payloads_(payloads) {}
    /// Throws as KeptBytes::Read. Valid until the next call.
    std::string_view Read(uint32_t split);

   private:
    const SplitPayloads& payloads_;
    size_t loaded_ = SIZE_MAX;
    std::string bytes_;
  };

 private:
  struct Chunk {
    std::shared_ptr<const KeptBytes> bytes;
    /// Its splits begin with this one, and end at these offsets.
    uint32_t first = 0;
    std::vector<uint32_t> ends;
  };

  DescriptorStorage* const storage_;
  const QueryId query_;
  std::vector<Chunk> chunks_;
  std::string open_;
};

}  // namespace planaria::coordinator
