// A q-digest (Shrivastava et al.: Medians and Beyond, 2004) of 64-bit numbers, with the bytes of Trino's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

class QDigest {
 public:
  static constexpr double kDefaultAccuracy = 0.01;

  explicit QDigest(double accuracy = kDefaultAccuracy) : accuracy_(accuracy) {}
  /// Throws INVALID_FUNCTION_ARGUMENT for bytes that are none.
  static QDigest Of(std::string_view bytes);

  void Add(int64_t value, double weight);
  void Merge(const QDigest& other);
  /// Nothing of an empty digest. Throws INVALID_FUNCTION_ARGUMENT for a quantile outside of 0 to 1.
  std::optional<int64_t> ValueAt(double quantile) const;
  /// The share of what is less than `value`; nothing for one beyond the least and the greatest.
  std::optional<double> QuantileAt(int64_t value) const;

  void AppendTo(std::string* out) const;

 private:
  static constexpr int32_t kNone = -1;

  /// A leaf is a value; a node of level n all that differ in the last n bits.
  struct Node {
    uint64_t bits = 0;
    int level = 0;
    double weight = 0;
    int32_t left = kNone;
    int32_t right = kNone;
  };

  bool Holds(const Node& node, uint64_t bits) const;
  int32_t Made(const Node& node);
  /// Of `node`'s children the one on the side of `bits`.
  int32_t& Child(int32_t node, uint64_t bits);
  /// A node of which both are children.
  int32_t Joined(int32_t first, int32_t second);
  int32_t Insert(int32_t root, uint64_t bits, double weight);
  int32_t Copied(const QDigest& other, int32_t node);
  int32_t Merged(int32_t mine, const QDigest& other, int32_t theirs);
  double CompressionFactor() const;
  void Compress();
  /// Gives weights that are too small to their parents; the node that is left, if any.
  int32_t Compressed(int32_t node, double least);
  /// Children first; `visit` says whether to go on.
  template <typename Visit>
  bool Walk(int32_t node, const Visit& visit) const;
  /// The same nodes without those that were given up.
  void Repack();
  size_t Count(int32_t node) const;

  double accuracy_;
  double weight_ = 0;
  int64_t min_ = INT64_MAX;
  int64_t max_ = INT64_MIN;
  int32_t root_ = kNone;
  std::vector<Node> nodes_;
  /// More nodes than this are compressed.
  size_t enough_ = 0;
};

}  // namespace planaria::kernel
