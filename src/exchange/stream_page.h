// Pages on their way from a running producer to its readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "exchange/read_state.h"
#include "exchange/spool_format.h"

namespace planaria::exchange {

/// A block as in a spool object: header, page, padding. The page starts at a multiple of 8.
struct StreamPage {
  BlockHeader header;
  std::shared_ptr<const uint8_t[]> block;

  const uint8_t* data() const { return block.get() + kBlockHeaderBytes; }
  size_t block_bytes() const { return BlockBytes(header.size); }
};

/// A copy of `data` as a block, with its checksum.
StreamPage MakeStreamPage(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows);

/// The blocks one after the other.
std::string JoinBlocks(const std::vector<StreamPage>& pages);
/// Takes JoinBlocks apart. Throws TrinoException(CORRUPT_PAGE) unless every block is whole and has its
/// checksum; `origin` is named then.
std::vector<StreamPage> SplitBlocks(const std::string& bytes, const std::string& origin);

struct StreamPages {
  std::vector<StreamPage> pages;
  /// Asks for what comes after `pages`, and acknowledges them.
  uint64_t next_token = 0;
  /// Nothing comes after `pages`.
  bool complete = false;
};
/// The task has not begun, has failed or is gone; which, its coordinator knows.
struct StreamMissing {};
using StreamAnswer = std::variant<StreamPages, StreamMissing, Error>;

}  // namespace planaria::exchange
