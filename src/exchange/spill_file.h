// Pages that found no room in memory: a nameless file that goes with its last user.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "exchange/nameless_file.h"
#include "exchange/stream_page.h"

namespace planaria::exchange {

/// Thread-safe. Functions block their thread. A file that cannot be made or written is an OUT_OF_SPILL_SPACE,
/// one that cannot be read a CORRUPT_PAGE.
class SpillFile {
 public:
  /// In `directory`, which is made if it is not there.
  explicit SpillFile(const std::string& directory);

  /// Where the page's block begins.
  uint64_t Write(const StreamPage& page);
  /// The page that Write put at `offset`. A block that is not as it was written throws as well.
  StreamPage Read(uint64_t offset, const BlockHeader& header) const;

 private:
  const std::string directory_;
  std::unique_ptr<NamelessFile> file_;
};

}  // namespace planaria::exchange
