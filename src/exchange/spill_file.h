// Pages that found no room in memory: a nameless file that goes with its last user.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "exchange/stream_page.h"

namespace planaria::exchange {

/// Thread-safe. Functions block their thread. A file that cannot be made or written is an OUT_OF_SPILL_SPACE,
/// one that cannot be read a CORRUPT_PAGE.
class SpillFile {
 public:
  /// In `directory`, which is made if it is not there.
  explicit SpillFile(const std::string& directory);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;

  /// Where the page's block begins.
  uint64_t Write(const StreamPage& page);
  /// The page that Write put at `offset`. A block that is not as it was written throws as well.
  StreamPage Read(uint64_t offset, const BlockHeader& header) const;

 private:
  const std::string directory_;
  int file_ = -1;
  std::atomic<uint64_t> end_{0};
};

}  // namespace planaria::exchange
