// The constants and the block header of docs/formats/spool-object.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace planaria::exchange {

inline constexpr uint8_t kSpoolVersion = 2;
inline constexpr char kObjectMagic[8] = {'P', 'L', 'N', 'S', 'P', 'O', 'O', 'L'};
inline constexpr char kFooterMagic[8] = {'P', 'L', 'N', 'S', 'P', 'E', 'N', 'D'};
inline constexpr size_t kObjectHeaderBytes = 16;
inline constexpr size_t kBlockHeaderBytes = 24;
inline constexpr size_t kFooterBytes = 24;
inline constexpr size_t kBlockAlignment = 8;
/// Pages are far smaller; what lies above in a header is damage.
inline constexpr uint32_t kMaxPageBytes = 1u << 30;
inline constexpr uint32_t kMaxPayloadBytes = kMaxPageBytes + 64;

constexpr uint64_t PaddedSize(uint64_t size) {
  return (size + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

/// Bytes that a page of `size` bytes takes in an object.
constexpr uint64_t BlockBytes(uint64_t size) { return kBlockHeaderBytes + PaddedSize(size); }

template <typename Number>
void StoreLittleEndian(Number number, void* target) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  std::memcpy(target, &number, sizeof(number));
}

template <typename Number>
Number LoadLittleEndian(const void* source) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  Number number;
  std::memcpy(&number, source, sizeof(number));
  return number;
}

/// xxh3, 64 bits.
uint64_t Checksum(const void* data, size_t size);

/// How the payload of a block is compressed; the numbers stand in objects.
enum class BlockCodec : uint8_t { kNone = 0, kLz4 = 1, kZstd = 2 };

struct BlockHeader {
  uint32_t partition = 0;
  uint32_t rows = 0;
  /// Of the payload.
  uint32_t size = 0;
  uint64_t checksum = 0;
  BlockCodec codec = BlockCodec::kNone;
  /// AES-256-GCM over the compressed page.
  bool sealed = false;
  bool operator==(const BlockHeader&) const = default;
};

/// The checksum that belongs into the header of `payload` (header.size bytes).
uint64_t BlockChecksum(const BlockHeader& header, const void* payload);

/// The header without its checksum: what the checksum and the seal cover beside the payload.
inline constexpr size_t kBlockFactsBytes = 16;
std::array<uint8_t, kBlockFactsBytes> EncodeBlockFacts(const BlockHeader& header);

/// kBlockHeaderBytes at `target`.
void EncodeBlockHeader(const BlockHeader& header, uint8_t* target);
/// False when the bytes cannot be a header that this version writes.
bool DecodeBlockHeader(const uint8_t* source, BlockHeader& header);

/// kObjectHeaderBytes at `target`.
void EncodeObjectHeader(uint32_t partition_count, uint8_t* target);

}  // namespace planaria::exchange
