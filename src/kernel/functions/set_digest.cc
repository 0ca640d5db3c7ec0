#include "kernel/functions/set_digest.h"

#include <algorithm>
#include <cmath>

#include "kernel/functions/sketch_bytes.h"

namespace planaria::kernel {

namespace {

constexpr uint8_t kFormat = 1;
constexpr int32_t kMostCount = INT16_MAX;

}  // namespace

SetDigest SetDigest::Of(std::string_view bytes) {
  SketchReader in(bytes, "SetDigest");
  in.Require(in.Take<uint8_t>() == kFormat);
  SetDigest made;
  made.hyperloglog_ = HyperLogLog::Of(in.Bytes(in.Take<uint32_t>()));
  made.most_hashes_ = in.Take<uint32_t>();
  const auto count = in.Take<uint32_t>();
  in.Require(made.most_hashes_ > 0 && in.left() == size_t{count} * (sizeof(int64_t) + sizeof(int16_t)));
  const std::string_view keys = in.Bytes(size_t{count} * sizeof(int64_t));
  for (uint32_t i = 0; i < count; ++i) {
    int64_t key;
    std::memcpy(&key, keys.data() + i * sizeof key, sizeof key);
    made.counts_.emplace_hint(made.counts_.end(), key, in.Take<int16_t>());
  }
  return made;
}

void SetDigest::AddHash(uint64_t hash) {
  hyperloglog_.AddHash(hash);
  Count(static_cast<int64_t>(hash), 1);
}

void SetDigest::Count(int64_t hash, int32_t count) {
  const bool full = counts_.size() >= most_hashes_;
  if (full && hash > counts_.rbegin()->first) return;
  int16_t& known = counts_[hash];
  known = static_cast<int16_t>(std::min(kMostCount, known + count));
  if (counts_.size() > most_hashes_) counts_.erase(std::prev(counts_.end()));
}

void SetDigest::Merge(const SetDigest& other) {
  hyperloglog_.Merge(other.hyperloglog_);
  for (const auto& [hash, count] : other.counts_) Count(hash, count);
}

int64_t SetDigest::Cardinality() const {
  return IsExact() ? static_cast<int64_t>(counts_.size()) : hyperloglog_.Cardinality();
}

int64_t SetDigest::IntersectionCardinality(const SetDigest& other) const {
  if (IsExact() && other.IsExact()) {
    return std::count_if(counts_.begin(), counts_.end(),
                         [&](const auto& entry) { return other.counts_.contains(entry.first); });
  }
  HyperLogLog both = hyperloglog_;
  both.Merge(other.hyperloglog_);
  const int64_t shared = std::llround(JaccardIndex(other) * static_cast<double>(both.Cardinality()));
  // No more than either has, which matters where one is much smaller and part of the other.
  return std::min({shared, Cardinality(), other.Cardinality()});
}

double SetDigest::JaccardIndex(const SetDigest& other) const {
  const size_t size = std::min(counts_.size(), other.counts_.size());
  if (size == 0) return counts_.size() == other.counts_.size() ? NAN : 0;
  auto left = counts_.begin();
  auto right = other.counts_.begin();
  size_t shared = 0;
  for (size_t taken = 0; taken < size; ++taken) {
    const bool has_left = left != counts_.end(), has_right = right != other.counts_.end();
    const bool equal = has_left && has_right && left->first == right->first;
    shared += equal ? 1 : 0;
    const bool first = has_left && (!has_right || left->first < right->first);
    if (equal || first) ++left;
    if (equal || !first) ++right;
  }
  return static_cast<double>(shared) / static_cast<double>(size);
}

void SetDigest::AppendTo(std::string* out) const {
  std::string hyperloglog;
  hyperloglog_.AppendTo(&hyperloglog);
  AppendBytes<uint8_t>(kFormat, out);
  AppendBytes<uint32_t>(static_cast<uint32_t>(hyperloglog.size()), out);
  out->append(hyperloglog);
  AppendBytes<uint32_t>(most_hashes_, out);
  AppendBytes<uint32_t>(static_cast<uint32_t>(counts_.size()), out);
  for (const auto& entry : counts_) AppendBytes<int64_t>(entry.first, out);
  for (const auto& entry : counts_) AppendBytes<int16_t>(entry.second, out);
}

}  // namespace planaria::kernel
