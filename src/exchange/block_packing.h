// A page on its way into a block and back: compressed where that makes it smaller, then sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "exchange/block_cipher.h"
#include "exchange/spool_format.h"

namespace planaria::exchange {

/// Turns pages into payloads of blocks. Thread-safe.
class BlockPacker {
 public:
  /// `cipher`, which outlives the packer, may be null: then nothing is sealed.
  BlockPacker(BlockCodec codec, BlockCipher* cipher) : codec_(codec), cipher_(cipher) {}

  /// The payload for a page of `header`'s partition and rows, and everything else that the header says of it.
  /// It is in `room`, or the page itself when there is nothing to do.
  std::span<const uint8_t> Pack(std::span<const uint8_t> page, BlockHeader& header, std::string& room) const;

 private:
  const BlockCodec codec_;
  BlockCipher* const cipher_;
};

/// The page of a payload that `header` describes, of `page_bytes`; it starts at a multiple of 8. Null when
/// the payload is not what a packer with that cipher (null: none) made.
std::shared_ptr<const uint8_t[]> UnpackBlock(const BlockHeader& header, const uint8_t* payload,
                                             size_t page_bytes, const BlockCipher* cipher);

}  // namespace planaria::exchange
