#include "exchange/spool_format.h"

#include <xxhash.h>

namespace planaria::exchange {
namespace {

// partition, rows, size, codec and zeroes: what the seed of a block's checksum covers.
constexpr size_t kSeededBytes = 16;

void EncodeSeededPart(const BlockHeader& header, uint8_t* target) {
  StoreLittleEndian(header.partition, target);
  StoreLittleEndian(header.rows, target + 4);
  StoreLittleEndian(header.size, target + 8);
  StoreLittleEndian(uint32_t{0}, target + 12);
}

}  // namespace

uint64_t Checksum(const void* data, size_t size) { return XXH3_64bits(data, size); }

uint64_t BlockChecksum(const BlockHeader& header, const void* payload) {
  uint8_t seeded[kSeededBytes];
  EncodeSeededPart(header, seeded);
  return XXH3_64bits_withSeed(payload, header.size, XXH3_64bits(seeded, sizeof(seeded)));
}

void EncodeBlockHeader(const BlockHeader& header, uint8_t* target) {
  EncodeSeededPart(header, target);
  StoreLittleEndian(header.checksum, target + kSeededBytes);
}

bool DecodeBlockHeader(const uint8_t* source, BlockHeader& header) {
  header.partition = LoadLittleEndian<uint32_t>(source);
  header.rows = LoadLittleEndian<uint32_t>(source + 4);
  header.size = LoadLittleEndian<uint32_t>(source + 8);
  header.checksum = LoadLittleEndian<uint64_t>(source + kSeededBytes);
  return LoadLittleEndian<uint32_t>(source + 12) == 0 && header.size <= kMaxPageBytes;
}

void EncodeObjectHeader(uint32_t partition_count, uint8_t* target) {
  std::memcpy(target, kObjectMagic, sizeof(kObjectMagic));
  StoreLittleEndian(uint32_t{kSpoolVersion}, target + 8);
  StoreLittleEndian(partition_count, target + 12);
}

}  // namespace planaria::exchange
