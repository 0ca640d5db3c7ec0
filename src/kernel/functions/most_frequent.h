// The most frequent values of a stream with room for a few (Metwally, Agrawal and El Abbadi, "Efficient
// Computation of Frequent and Top-k Elements in Data Streams"): exact while they fit.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::kernel {

class MostFrequent {
 public:
  struct Item {
    std::string value;
    int64_t count;
  };

  /// `buckets` values are asked for, `capacity` are counted. Throws INVALID_FUNCTION_ARGUMENT for less than
  /// two buckets or a capacity below one.
  MostFrequent(int64_t buckets, int64_t capacity);
  /// Throws INVALID_FUNCTION_ARGUMENT for bytes that are none.
  static MostFrequent Of(std::string_view bytes);

  /// When there is no room, a value takes the place and the count of one of the least frequent.
  void Add(std::string_view value, int64_t count);
  void Merge(const MostFrequent& other);
  /// As many as were asked for, the most frequent first, of equals those added last the longest ago.
  std::vector<Item> Top() const;
  void AppendTo(std::string* out) const;

 private:
  struct Place {
    int64_t count;
    /// The one that was added last the longest ago goes first among equals.
    uint64_t since;
  };

  int64_t buckets_;
  int64_t capacity_;
  uint64_t additions_ = 0;
  std::map<std::string, Place, std::less<>> places_;
  /// Count, since, value.
  std::set<std::tuple<int64_t, uint64_t, std::string>> order_;
};

}  // namespace planaria::kernel
