// HyperLogLog with the bytes of Trino's: few hashes are kept as they are, many as 4-bit registers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

class HyperLogLog {
 public:
  /// Buckets as powers of two: of approx_set, and of a SetDigest.
  static constexpr int kIndexBits = 12;
  static constexpr int kSetDigestIndexBits = 11;
  /// Of approx_distinct without a standard error: 2.3 %.
  static constexpr int kApproxDistinctIndexBits = 11;

  explicit HyperLogLog(int index_bits = kIndexBits) : index_bits_(index_bits) {}
  /// Throws INVALID_FUNCTION_ARGUMENT for bytes that are none.
  static HyperLogLog Of(std::string_view bytes);

  void AddHash(uint64_t hash);
  /// Throws INVALID_FUNCTION_ARGUMENT for one with another number of buckets.
  void Merge(const HyperLogLog& other);
  void MakeDense();
  /// About how many different hashes were added: exact to 1.6 % with 4096 buckets.
  int64_t Cardinality() const;

  void AppendTo(std::string* out) const;

 private:
  void AddEntry(uint32_t entry);
  void Raise(uint32_t bucket, uint8_t value);
  void SetDense(std::string_view bytes);
  bool IsDense() const { return !buckets_.empty(); }
  uint32_t BucketCount() const { return uint32_t{1} << index_bits_; }

  int index_bits_;
  /// Sorted by prefix, one each: the first 26 bits of a hash, and how many zeros follow them, in 6 bits.
  std::vector<uint32_t> entries_;
  /// Of each bucket the most zeros after the index, plus one; empty while there are few entries.
  std::vector<uint8_t> buckets_;
};

}  // namespace planaria::kernel
