#include "kernel/functions/hyperloglog.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "kernel/functions/sketch_bytes.h"

namespace planaria::kernel {

namespace {

constexpr uint8_t kSparse = 2;
constexpr uint8_t kDense = 3;
constexpr int kPrefixBits = 26;
constexpr int kZeroBits = 6;
constexpr uint32_t kZeroMask = (1 << kZeroBits) - 1;
constexpr int kMostIndexBits = 16;
/// What a bucket has beyond the baseline and these is kept apart.
constexpr int kMostDelta = 15;
constexpr const char* kName = "HyperLogLog";

uint32_t PrefixOf(uint32_t entry) { return entry >> kZeroBits; }

/// Zeros at the start of what follows the first `bits` of a hash.
uint32_t ZerosAfter(uint64_t hash, int bits) {
  return static_cast<uint32_t>(std::countl_zero(hash << bits | uint64_t{1} << (bits - 1)));
}

/// Ertl's estimators of the sums at both ends of the registers' values (arXiv 1702.01284), which need no
/// tables of biases.
double Sigma(double x) {
  if (x == 1) return INFINITY;
  double y = 1, z = x, before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}
double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, before;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

}  // namespace

HyperLogLog HyperLogLog::Of(std::string_view bytes) {
  SketchReader in(bytes, kName);
  const auto format = in.Take<uint8_t>();
  HyperLogLog made(in.Take<uint8_t>());
  in.Require(made.index_bits_ >= 1 && made.index_bits_ <= kMostIndexBits);
  if (format == kSparse) {
    const auto count = in.Take<uint16_t>();
    for (uint16_t i = 0; i < count; ++i) made.AddEntry(in.Take<uint32_t>());
    in.Require(in.left() == 0);
    return made;
  }
  in.Require(format == kDense);
  made.SetDense(in.Bytes(in.left()));
  return made;
}

void HyperLogLog::SetDense(std::string_view bytes) {
  SketchReader in(bytes, kName);
  const auto baseline = in.Take<uint8_t>();
  buckets_.assign(BucketCount(), baseline);
  const std::string_view deltas = in.Bytes(BucketCount() / 2);
  for (uint32_t i = 0; i < BucketCount(); ++i) {
    const auto pair = static_cast<uint8_t>(deltas[i / 2]);
    buckets_[i] = static_cast<uint8_t>(buckets_[i] + (i % 2 == 0 ? pair >> 4 : pair & kMostDelta));
  }
  const auto overflows = in.Take<uint16_t>();
  const std::string_view places = in.Bytes(size_t{overflows} * 2), values = in.Bytes(overflows);
  for (size_t i = 0; i < overflows; ++i) {
    uint16_t place;
    std::memcpy(&place, places.data() + 2 * i, 2);
    in.Require(place < BucketCount());
    buckets_[place] = static_cast<uint8_t>(buckets_[place] + static_cast<uint8_t>(values[i]));
  }
  in.Require(in.left() == 0 && *std::max_element(buckets_.begin(), buckets_.end()) <= 64);
}

void HyperLogLog::AddHash(uint64_t hash) {
  if (IsDense()) {
    return Raise(static_cast<uint32_t>(hash >> (64 - index_bits_)),
                 static_cast<uint8_t>(ZerosAfter(hash, index_bits_) + 1));
  }
  AddEntry(static_cast<uint32_t>(hash >> (64 - kPrefixBits)) << kZeroBits | ZerosAfter(hash, kPrefixBits));
}

void HyperLogLog::AddEntry(uint32_t entry) {
  if (IsDense()) {
    const uint32_t prefix = PrefixOf(entry);
    const int rest = kPrefixBits - index_bits_;
    const uint32_t below = prefix & ((uint32_t{1} << rest) - 1);
    const int zeros =
        below == 0 ? rest + static_cast<int>(entry & kZeroMask) : std::countl_zero(below) - (32 - rest);
    return Raise(prefix >> rest, static_cast<uint8_t>(zeros + 1));
  }
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), PrefixOf(entry),
                                      [](uint32_t left, uint32_t prefix) { return PrefixOf(left) < prefix; });
  if (place != entries_.end() && PrefixOf(*place) == PrefixOf(entry)) {
    *place = std::max(*place, entry);
    return;
  }
  entries_.insert(place, entry);
  // From here on the registers are smaller.
  if (entries_.size() * sizeof(uint32_t) >= BucketCount() / 2) MakeDense();
}

void HyperLogLog::Raise(uint32_t bucket, uint8_t value) {
  buckets_[bucket] = std::max(buckets_[bucket], value);
}

void HyperLogLog::MakeDense() {
  if (IsDense()) return;
  buckets_.assign(BucketCount(), 0);
  for (const uint32_t entry : entries_) AddEntry(entry);
  entries_.clear();
}

void HyperLogLog::Merge(const HyperLogLog& other) {
  if (index_bits_ != other.index_bits_)
    FailArgument("Cannot merge HyperLogLogs with different numbers of buckets");
  if (other.IsDense()) {
    MakeDense();
    for (uint32_t i = 0; i < BucketCount(); ++i) Raise(i, other.buckets_[i]);
  }
  for (const uint32_t entry : other.entries_) AddEntry(entry);
}

int64_t HyperLogLog::Cardinality() const {
  if (!IsDense()) {
    // Counts the prefixes that two hashes share.
    const double all = std::ldexp(1.0, kPrefixBits);
    return std::llround(all * std::log(all / (all - static_cast<double>(entries_.size()))));
  }
  const int most = 64 - index_bits_ + 1;
  std::array<int, 66> counts{};
  for (const uint8_t value : buckets_) counts[std::min<int>(value, most)]++;
  const double all = BucketCount();
  double sum = all * Tau(1 - counts[static_cast<size_t>(most)] / all);
  for (int value = most - 1; value >= 1; --value) sum = (sum + counts[static_cast<size_t>(value)]) * 0.5;
  sum += all * Sigma(counts[0] / all);
  return std::llround(all * all / (2 * std::log(2.0) * sum));
}

void HyperLogLog::AppendTo(std::string* out) const {
  AppendBytes<uint8_t>(IsDense() ? kDense : kSparse, out);
  AppendBytes<uint8_t>(static_cast<uint8_t>(index_bits_), out);
  if (!IsDense()) {
    AppendBytes<uint16_t>(static_cast<uint16_t>(entries_.size()), out);
    for (const uint32_t entry : entries_) AppendBytes<uint32_t>(entry, out);
    return;
  }
  const uint8_t baseline = *std::min_element(buckets_.begin(), buckets_.end());
  AppendBytes<uint8_t>(baseline, out);
  const auto delta = [&](uint32_t bucket) { return std::min(buckets_[bucket] - baseline, kMostDelta); };
  for (uint32_t i = 0; i < BucketCount(); i += 2) {
    AppendBytes<uint8_t>(static_cast<uint8_t>(delta(i) << 4 | delta(i + 1)), out);
  }
  std::vector<uint16_t> places;
  for (uint32_t i = 0; i < BucketCount(); ++i) {
    if (buckets_[i] - baseline > kMostDelta) places.push_back(static_cast<uint16_t>(i));
  }
  AppendBytes<uint16_t>(static_cast<uint16_t>(places.size()), out);
  for (const uint16_t place : places) AppendBytes<uint16_t>(place, out);
  for (const uint16_t place : places) {
    AppendBytes<uint8_t>(static_cast<uint8_t>(buckets_[place] - baseline - kMostDelta), out);
  }
}

}  // namespace planaria::kernel
