// SetDigest with the bytes of Trino's: a HyperLogLog, and how often each of the smallest hashes came.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "kernel/functions/hyperloglog.h"

namespace planaria::kernel {

class SetDigest {
 public:
  SetDigest() : hyperloglog_(HyperLogLog::kSetDigestIndexBits) {}
  /// Throws INVALID_FUNCTION_ARGUMENT for bytes that are none.
  static SetDigest Of(std::string_view bytes);

  void AddHash(uint64_t hash);
  void Merge(const SetDigest& other);
  /// How many different hashes were added, exact while all are kept.
  int64_t Cardinality() const;
  int64_t IntersectionCardinality(const SetDigest& other) const;
  /// How much of the union is in both, by the smallest hashes of the union.
  double JaccardIndex(const SetDigest& other) const;
  const std::map<int64_t, int16_t>& counts() const { return counts_; }

  void AppendTo(std::string* out) const;

 private:
  bool IsExact() const { return counts_.size() < most_hashes_; }
  void Count(int64_t hash, int32_t count);

  HyperLogLog hyperloglog_;
  uint32_t most_hashes_ = 8192;
  std::map<int64_t, int16_t> counts_;
};

}  // namespace planaria::kernel
