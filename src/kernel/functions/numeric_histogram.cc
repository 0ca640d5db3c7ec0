#include "kernel/functions/numeric_histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "kernel/functions/sketch_bytes.h"

namespace planaria::kernel {

namespace {

/// Values that are added before they are put in order.
constexpr size_t kBuffered = 100;
constexpr int64_t kMostBuckets = 1 << 20;

using Bucket = NumericHistogram::Bucket;

Bucket Joined(const Bucket& left, const Bucket& right) {
  const double weight = left.weight + right.weight;
  const double value = (left.value * left.weight + right.value * right.weight) / weight;
  // Infinities of both signs, or weights without a sum, have no mean.
  return {std::isnan(value) ? left.value : value, weight};
}

/// How much worse the histogram is without the difference of two neighbours.
double Penalty(const Bucket& left, const Bucket& right) {
  const double weight = left.weight + right.weight, apart = left.value - right.value;
  const double penalty = weight == 0 ? 0 : apart * apart * left.weight * right.weight / weight;
  return std::isnan(penalty) ? std::numeric_limits<double>::infinity() : penalty;
}

/// Neighbours of a sorted histogram, the pair with the least penalty first.
class Neighbours {
 public:
  explicit Neighbours(std::vector<Bucket> sorted)
      : buckets_(std::move(sorted)), next_(buckets_.size()), previous_(buckets_.size()) {
    for (size_t i = 0; i < buckets_.size(); ++i) {
      next_[i] = i + 1;
      previous_[i] = i - 1;
    }
    for (size_t i = 0; i + 1 < buckets_.size(); ++i) pairs_.insert({PenaltyAt(i), i});
  }

  void JoinNearest() {
    const size_t left = pairs_.begin()->second, right = next_[left];
    const bool has_previous = left != 0, has_next = next_[right] < buckets_.size();
    pairs_.erase(pairs_.begin());
    if (has_previous) pairs_.erase({PenaltyAt(previous_[left]), previous_[left]});
    if (has_next) pairs_.erase({PenaltyAt(right), right});
    buckets_[left] = Joined(buckets_[left], buckets_[right]);
    next_[left] = next_[right];
    if (has_next) previous_[next_[right]] = left;
    if (has_previous) pairs_.insert({PenaltyAt(previous_[left]), previous_[left]});
    if (has_next) pairs_.insert({PenaltyAt(left), left});
  }

  std::vector<Bucket> Left() const {
    std::vector<Bucket> left;
    for (size_t i = 0; i < buckets_.size(); i = next_[i]) left.push_back(buckets_[i]);
    return left;
  }

 private:
  double PenaltyAt(size_t left) const { return Penalty(buckets_[left], buckets_[next_[left]]); }

  std::vector<Bucket> buckets_;
  std::vector<size_t> next_, previous_;
  /// Penalty and left bucket.
  std::set<std::pair<double, size_t>> pairs_;
};

}  // namespace

NumericHistogram::NumericHistogram(int64_t most) : most_(static_cast<size_t>(most)) {
  if (most < 2) FailArgument("numeric_histogram bucket count must be greater than one");
  if (most > kMostBuckets)
    FailArgument(fmt::format("numeric_histogram has at most {} buckets", kMostBuckets));
}

NumericHistogram NumericHistogram::Of(std::string_view bytes) {
  SketchReader in(bytes, "numeric histogram");
  NumericHistogram made(in.Take<int64_t>());
  const auto count = in.Take<uint32_t>();
  in.Require(in.left() == size_t{count} * sizeof(Bucket) && count <= made.most_);
  for (uint32_t i = 0; i < count; ++i) {
    const auto value = in.Take<double>();
    in.Require(!std::isnan(value));
    made.buckets_.push_back({value, in.Take<double>()});
  }
  return made;
}

void NumericHistogram::Add(double value, double weight) {
  if (std::isnan(value)) FailArgument("numeric_histogram of NaN");
  if (!std::isfinite(weight)) FailArgument("numeric_histogram weight must be finite");
  buckets_.push_back({value, weight});
  if (buckets_.size() >= most_ + kBuffered) Compact();
}

void NumericHistogram::Merge(const NumericHistogram& other) {
  buckets_.insert(buckets_.end(), other.buckets_.begin(), other.buckets_.end());
  Compact();
}

void NumericHistogram::Compact() {
  std::stable_sort(buckets_.begin(), buckets_.end());
  size_t kept = 0;
  for (size_t i = 1; i < buckets_.size(); ++i) {
    if (buckets_[i].value == buckets_[kept].value) {
      buckets_[kept].weight += buckets_[i].weight;
    } else {
      buckets_[++kept] = buckets_[i];
    }
  }
  if (!buckets_.empty()) buckets_.resize(kept + 1);
  if (buckets_.size() <= most_) return;
  Neighbours neighbours(buckets_);
  for (size_t i = buckets_.size(); i > most_; --i) neighbours.JoinNearest();
  buckets_ = neighbours.Left();
}

std::vector<Bucket> NumericHistogram::Buckets() const {
  NumericHistogram compacted = *this;
  compacted.Compact();
  return compacted.buckets_;
}

void NumericHistogram::AppendTo(std::string* out) const {
  const std::vector<Bucket> buckets = Buckets();
  AppendBytes<int64_t>(static_cast<int64_t>(most_), out);
  AppendBytes<uint32_t>(static_cast<uint32_t>(buckets.size()), out);
  for (const Bucket& bucket : buckets) {
    AppendBytes<double>(bucket.value, out);
    AppendBytes<double>(bucket.weight, out);
  }
}

}  // namespace planaria::kernel
