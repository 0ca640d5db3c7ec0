// Memory that whoever lends it takes back when others need it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace planaria::exchange {

/// Bytes in such memory. Thread-safe; destroying them gives the memory back.
class RevocableBytes {
 public:
  virtual ~RevocableBytes() = default;
  /// Copies `length` bytes from `offset`, which are among them; false when the memory was taken back.
  virtual bool Read(size_t offset, size_t length, void* target) const = 0;
};

/// Thread-safe; outlives the bytes in it.
class RevocableMemory {
 public:
  virtual ~RevocableMemory() = default;
  /// How many bytes may be here in all now, for nobody else to have to give way.
  virtual uint64_t Share() const = 0;
  /// A copy of `size` bytes; null when there is no room for it, which is said at once.
  virtual std::shared_ptr<const RevocableBytes> Keep(const void* data, size_t size) = 0;
};

}  // namespace planaria::exchange
