// Bytes read from a socket and not yet parsed. Internal to src/env.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace planaria {

/// One contiguous run of bytes: appended at the end, consumed at the front.
class ReadBuffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }

  /// Room for `size` bytes behind the last one, valid until the next Prepare().
  char* Prepare(size_t size) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < size) {
      const size_t held = end_ - begin_;
      if (capacity_ - held >= size && begin_ >= held) {
        std::memcpy(data_.get(), data_.get() + begin_, held);
      } else {
        const size_t capacity = std::max(held + size, held * 2);
        auto grown = std::make_unique_for_overwrite<char[]>(capacity);
        if (held > 0) std::memcpy(grown.get(), data_.get() + begin_, held);
        data_ = std::move(grown);
        capacity_ = capacity;
      }
      begin_ = 0;
      end_ = held;
    }
    return data_.get() + end_;
  }
  void Commit(size_t size) { end_ += size; }
  /// Moves nothing, so that a read into prepared room may be under way.
  void Consume(size_t size) { begin_ += size; }

  /// Gives back memory beyond `keep` bytes if nothing is held; not while a read is under way.
  void Trim(size_t keep) {
    if (begin_ < end_ || capacity_ <= keep) return;
    data_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  std::unique_ptr<char[]> data_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace planaria
