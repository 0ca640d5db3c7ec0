// A merging t-digest (Dunning, Ertl: Computing Extremely Accurate Quantiles Using t-Digests, arXiv
// 1902.04023) with the bytes of Trino's.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

class TDigest {
 public:
  /// Throws INVALID_FUNCTION_ARGUMENT for bytes that are none.
  static TDigest Of(std::string_view bytes);

  /// Throws INVALID_FUNCTION_ARGUMENT for NaN and a weight of less than 1.
  void Add(double value, double weight);
  void Merge(const TDigest& other);
  /// NaN of an empty digest. Throws INVALID_FUNCTION_ARGUMENT for a quantile outside of 0 to 1.
  double ValueAt(double quantile);

  void AppendTo(std::string* out) const;

 private:
  struct Centroid {
    double mean;
    double weight;
    bool operator<(const Centroid& other) const { return mean < other.mean; }
  };

  /// Brings the added ones in among the centroids.
  void Compress();

  double compression_ = 100;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  double weight_ = 0;
  /// The first `sorted_` are in order and as large as they may be; those behind were added since.
  std::vector<Centroid> centroids_;
  size_t sorted_ = 0;
};

}  // namespace planaria::kernel
