#include "exchange/block_packing.h"

#include <lz4.h>
#include <zstd.h>

namespace planaria::exchange {
namespace {

// Zstandard's own default, and Trino's.
constexpr int kZstdLevel = 3;

/// 0 when it does not fit or does not work.
size_t Compress(BlockCodec codec, std::span<const uint8_t> page, char* target, size_t room) {
  if (codec == BlockCodec::kLz4) {
    return static_cast<size_t>(LZ4_compress_default(reinterpret_cast<const char*>(page.data()), target,
                                                    static_cast<int>(page.size()), static_cast<int>(room)));
  }
  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  const size_t size = ZSTD_compressCCtx(context.get(), target, room, page.data(), page.size(), kZstdLevel);
  return ZSTD_isError(size) ? 0 : size;
}

bool Decompress(BlockCodec codec, const uint8_t* from, size_t size, uint8_t* page, size_t page_bytes) {
  if (codec == BlockCodec::kLz4) {
    return LZ4_decompress_safe(reinterpret_cast<const char*>(from), reinterpret_cast<char*>(page),
                               static_cast<int>(size),
                               static_cast<int>(page_bytes)) == static_cast<int>(page_bytes);
  }
  return ZSTD_decompress(page, page_bytes, from, size) == page_bytes;
}

}  // namespace

std::span<const uint8_t> BlockPacker::Pack(std::span<const uint8_t> page, BlockHeader& header,
                                           std::string& room) const {
  header.codec = BlockCodec::kNone;
  header.sealed = cipher_ != nullptr;
  const size_t seal = header.sealed ? kSealBytes : 0;
  std::span<const uint8_t> payload = page;
  if (codec_ != BlockCodec::kNone && !page.empty()) {
    // No room for more than the page has: the compressor gives up on pages that do not shrink.
    room.resize(page.size() + seal);
    const size_t size = Compress(codec_, page, room.data(), page.size());
    if (size > 0 && size < page.size()) {
      header.codec = codec_;
      payload = {reinterpret_cast<const uint8_t*>(room.data()), size};
    }
  }
  header.size = static_cast<uint32_t>(payload.size() + seal);
  if (header.sealed) {
    room.resize(std::max(room.size(), payload.size() + seal));
    auto* const target = reinterpret_cast<uint8_t*>(room.data());
    // What was compressed lies there already.
    const uint8_t* const plain = header.codec == BlockCodec::kNone ? page.data() : target;
    cipher_->Seal(EncodeBlockFacts(header), plain, payload.size(), target);
    payload = {target, header.size};
  }
  header.checksum = BlockChecksum(header, payload.data());
  return payload;
}

std::shared_ptr<const uint8_t[]> UnpackBlock(const BlockHeader& header, const uint8_t* payload,
                                             size_t page_bytes, const BlockCipher* cipher) {
  if (header.sealed != (cipher != nullptr)) return nullptr;
  const size_t seal = header.sealed ? kSealBytes : 0;
  if (header.size < seal) return nullptr;
  const size_t size = header.size - seal;
  const bool compressed = header.codec != BlockCodec::kNone;
  if (!compressed && size != page_bytes) return nullptr;
  const std::shared_ptr<uint8_t[]> page(new uint8_t[page_bytes + 1]);
  std::unique_ptr<uint8_t[]> opened;
  if (header.sealed) {
    if (compressed) opened.reset(new uint8_t[size + 1]);
    uint8_t* const target = compressed ? opened.get() : page.get();
    if (!cipher->Open(EncodeBlockFacts(header), payload, header.size, target)) return nullptr;
    if (!compressed) return page;
    payload = target;
  }
  if (!compressed) {
    std::memcpy(page.get(), payload, size);
    return page;
  }
  return Decompress(header.codec, payload, size, page.get(), page_bytes) ? page : nullptr;
}

}  // namespace planaria::exchange
