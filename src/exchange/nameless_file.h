// A file without a name: it goes with its last user, and with the process.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace planaria::exchange {

/// Thread-safe. Functions block their thread and throw std::system_error with what the system said.
class NamelessFile {
 public:
  /// In `directory`, which is made if it is not there.
  explicit NamelessFile(const std::string& directory);
  ~NamelessFile();
  NamelessFile(const NamelessFile&) = delete;

  /// Returns where the bytes begin.
  uint64_t Append(const void* bytes, size_t size);
  /// Reads exactly `size` bytes; a file that ends before them throws std::errc::io_error.
  void Read(uint64_t offset, void* bytes, size_t size) const;

 private:
  int file_ = -1;
  std::atomic<uint64_t> end_{0};
};

}  // namespace planaria::exchange
