#include "exchange/stream_page.h"

namespace planaria::exchange {

StreamPage MakeStreamPage(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) {
  StreamPage page;
  page.header = {partition, rows, static_cast<uint32_t>(size), 0};
  page.header.checksum = BlockChecksum(page.header, data);
  std::shared_ptr<uint8_t[]> block(new uint8_t[BlockBytes(size)]);
  EncodeBlockHeader(page.header, block.get());
  std::memcpy(block.get() + kBlockHeaderBytes, data, size);
  std::memset(block.get() + kBlockHeaderBytes + size, 0, PaddedSize(size) - size);
  page.block = std::move(block);
  return page;
}

std::string JoinBlocks(const std::vector<StreamPage>& pages) {
  size_t size = 0;
  for (const StreamPage& page : pages) size += page.block_bytes();
  std::string joined;
  joined.reserve(size);
  for (const StreamPage& page : pages) {
    joined.append(reinterpret_cast<const char*>(page.block.get()), page.block_bytes());
  }
  return joined;
}

std::vector<StreamPage> SplitBlocks(const std::string& bytes, const std::string& origin) {
  // One copy, because a string's bytes need not start at a multiple of 8.
  const std::shared_ptr<uint8_t[]> copy(new uint8_t[bytes.size()]);
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  std::vector<StreamPage> pages;
  for (size_t at = 0; at < bytes.size();) {
    StreamPage page;
    const size_t left = bytes.size() - at;
    if (left < kBlockHeaderBytes || !DecodeBlockHeader(copy.get() + at, page.header) ||
        left < page.block_bytes() ||
        BlockChecksum(page.header, copy.get() + at + kBlockHeaderBytes) != page.header.checksum) {
      throw TrinoException(errors::CORRUPT_PAGE,
                           "Damaged page at offset " + std::to_string(at) + " from " + origin);
    }
    page.block = std::shared_ptr<const uint8_t[]>(copy, copy.get() + at);
    at += page.block_bytes();
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace planaria::exchange
