// A histogram of at most so many buckets, whose neighbours that are least apart become one (Ben-Haim and
// Tom-Tov, "A Streaming Parallel Decision Tree Algorithm").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

class NumericHistogram {
 public:
  struct Bucket {
    double value;
    double weight;
    bool operator<(const Bucket& other) const { return value < other.value; }
  };

  /// Throws INVALID_FUNCTION_ARGUMENT for less than two buckets, or more than may be held.
  explicit NumericHistogram(int64_t most);
  /// Throws INVALID_FUNCTION_ARGUMENT for bytes that are none.
  static NumericHistogram Of(std::string_view bytes);

  void Add(double value, double weight);
  void Merge(const NumericHistogram& other);
  /// In the order of their values.
  std::vector<Bucket> Buckets() const;
  void AppendTo(std::string* out) const;

 private:
  void Compact();

  size_t most_;
  /// Unordered, and more than `most_` of them, until they are compacted.
  std::vector<Bucket> buckets_;
};

}  // namespace planaria::kernel
