// The bytes of a serialised sketch: little-endian, no padding.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

class SketchReader {
 public:
  /// `name` is the sketch's, for the error.
  SketchReader(std::string_view bytes, const char* name) : rest_(bytes), name_(name) {}

  template <typename T>
  T Take() {
    T value;
    std::memcpy(&value, Bytes(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view Bytes(size_t count) {
    Require(count <= rest_.size());
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// Throws INVALID_FUNCTION_ARGUMENT.
  void Require(bool holds) const {
    if (!holds) FailArgument(fmt::format("Invalid format of a {}", name_));
  }
  size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  const char* name_;
};

template <typename T>
void AppendBytes(std::type_identity_t<T> value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace planaria::kernel
