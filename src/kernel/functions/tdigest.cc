#include "kernel/functions/tdigest.h"

#include <algorithm>
#include <cmath>

#include "kernel/functions/sketch_bytes.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

constexpr uint8_t kFormat = 0;
/// Added values that are kept before they are merged.
constexpr size_t kBuffered = 1000;

/// `value` between the means of two neighbours, `left` and `right` away from them.
double Between(double left_mean, double right_mean, double from_left, double from_right) {
  const double value = (left_mean * from_right + right_mean * from_left) / (from_left + from_right);
  return std::clamp(value, left_mean, right_mean);
}

}  // namespace

TDigest TDigest::Of(std::string_view bytes) {
  SketchReader in(bytes, "tdigest");
  in.Require(in.Take<uint8_t>() == kFormat);
  TDigest made;
  made.min_ = in.Take<double>();
  made.max_ = in.Take<double>();
  made.compression_ = in.Take<double>();
  made.weight_ = in.Take<double>();
  const auto count = in.Take<uint32_t>();
  in.Require(in.left() == size_t{count} * 2 * sizeof(double) && made.compression_ >= 10 &&
             made.compression_ <= 1000);
  for (uint32_t i = 0; i < count; ++i) made.centroids_.push_back({in.Take<double>(), 0});
  for (Centroid& centroid : made.centroids_) {
    centroid.weight = in.Take<double>();
    in.Require(centroid.weight > 0 && !std::isnan(centroid.mean));
  }
  in.Require(std::is_sorted(made.centroids_.begin(), made.centroids_.end()));
  made.sorted_ = count;
  return made;
}

void TDigest::Add(double value, double weight) {
  if (std::isnan(value)) FailArgument("value is NaN");
  if (!(weight >= 1)) {
    std::string text;
    AppendJavaDouble(weight, &text);
    FailArgument("weight must be >= 1, was " + text);
  }
  centroids_.push_back({value, weight});
  weight_ += weight;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  if (centroids_.size() - sorted_ >= kBuffered) Compress();
}

void TDigest::Merge(const TDigest& other) {
  centroids_.insert(centroids_.end(), other.centroids_.begin(), other.centroids_.end());
  weight_ += other.weight_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (centroids_.size() - sorted_ >= kBuffered) Compress();
}

void TDigest::Compress() {
  if (sorted_ == centroids_.size()) return;
  std::sort(centroids_.begin(), centroids_.end());
  // The paper's k2: centroids are small at both ends.
  const double normalizer = compression_ / (4 * std::log(std::max(1.0, weight_ / compression_)) + 24);
  const auto most = [&](double before) {
    const double q = before / weight_;
    return weight_ * q * (1 - q) / normalizer;
  };
  std::vector<Centroid> merged;
  double before = 0;
  for (const Centroid& next : centroids_) {
    if (!merged.empty()) {
      Centroid& last = merged.back();
      const double weight = last.weight + next.weight;
      if (weight <= std::min(most(before), most(before + weight))) {
        last.mean += (next.mean - last.mean) * next.weight / weight;
        last.weight = weight;
        continue;
      }
      before += last.weight;
    }
    merged.push_back(next);
  }
  centroids_ = std::move(merged);
  sorted_ = centroids_.size();
}

double TDigest::ValueAt(double quantile) {
  if (!(quantile >= 0 && quantile <= 1)) FailArgument("quantiles should be in [0, 1] range");
  Compress();
  if (centroids_.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (centroids_.size() == 1) return centroids_[0].mean;
  const double rank = quantile * weight_;
  if (rank < 1) return min_;
  if (rank > weight_ - 1) return max_;
  const Centroid& first = centroids_.front();
  const Centroid& last = centroids_.back();
  // Half of a centroid's weight lies on either side of its mean; one value alone is that value.
  if (first.weight > 1 && rank < first.weight / 2) {
    return min_ + (rank - 1) / (first.weight / 2 - 1) * (first.mean - min_);
  }
  if (last.weight > 1 && weight_ - rank < last.weight / 2) {
    return max_ - (weight_ - rank - 1) / (last.weight / 2 - 1) * (max_ - last.mean);
  }
  double middle = first.weight / 2;
  for (size_t i = 0; i + 1 < centroids_.size(); ++i) {
    const Centroid& left = centroids_[i];
    const Centroid& right = centroids_[i + 1];
    const double step = (left.weight + right.weight) / 2;
    if (middle + step > rank) {
      const double from_left = rank - middle, from_right = middle + step - rank;
      if (left.weight == 1 && from_left < 0.5) return left.mean;
      if (right.weight == 1 && from_right <= 0.5) return right.mean;
      return Between(left.mean, right.mean, from_left - (left.weight == 1 ? 0.5 : 0),
                     from_right - (right.weight == 1 ? 0.5 : 0));
    }
    middle += step;
  }
  return Between(last.mean, max_, rank - (weight_ - last.weight / 2),
                 last.weight / 2 - (rank - (weight_ - last.weight / 2)));
}

void TDigest::AppendTo(std::string* out) const {
  TDigest digest = *this;
  digest.Compress();
  AppendBytes<uint8_t>(kFormat, out);
  AppendBytes<double>(digest.min_, out);
  AppendBytes<double>(digest.max_, out);
  AppendBytes<double>(digest.compression_, out);
  AppendBytes<double>(digest.weight_, out);
  AppendBytes<uint32_t>(static_cast<uint32_t>(digest.centroids_.size()), out);
  for (const Centroid& centroid : digest.centroids_) AppendBytes<double>(centroid.mean, out);
  for (const Centroid& centroid : digest.centroids_) AppendBytes<double>(centroid.weight, out);
}

}  // namespace planaria::kernel
