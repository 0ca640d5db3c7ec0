// Which output partitions of a producer a consumer reads.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace planaria::exchange {

class PartitionSet {
 public:
  static PartitionSet All() { return PartitionSet(0, UINT32_MAX, {}); }
  /// `first` to `first + count - 1`.
  static PartitionSet Range(uint32_t first, uint32_t count) { return PartitionSet(first, count, {}); }
  static PartitionSet Of(const std::vector<uint32_t>& partitions) {
    std::vector<bool> members;
    for (const uint32_t partition : partitions) {
      if (partition >= members.size()) members.resize(partition + 1);
      members[partition] = true;
    }
    const auto end = static_cast<uint32_t>(members.size());
    return PartitionSet(0, end, std::move(members));
  }

  bool Contains(uint32_t partition) const {
    return partition >= first_ && partition - first_ < count_ && (members_.empty() || members_[partition]);
  }

 private:
  PartitionSet(uint32_t first, uint32_t count, std::vector<bool> members)
      : first_(first), count_(count), members_(std::move(members)) {}

  uint32_t first_;
  uint32_t count_;
  /// By partition; empty when the range is all there is to say.
  std::vector<bool> members_;
};

}  // namespace planaria::exchange
