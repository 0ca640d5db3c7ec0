#include "exchange/spool_format.h"

#include <xxhash.h>

namespace planaria::exchange {
uint64_t Checksum(const void* data, size_t size) { return XXH3_64bits(data, size); }

std::array<uint8_t, kBlockFactsBytes> EncodeBlockFacts(const BlockHeader& header) {
  std::array<uint8_t, kBlockFactsBytes> facts{};
  StoreLittleEndian(header.partition, facts.data());
  StoreLittleEndian(header.rows, facts.data() + 4);
  StoreLittleEndian(header.size, facts.data() + 8);
  facts[12] = static_cast<uint8_t>(header.codec);
  facts[13] = header.sealed ? 1 : 0;
  return facts;
}

uint64_t BlockChecksum(const BlockHeader& header, const void* payload) {
  const auto facts = EncodeBlockFacts(header);
  return XXH3_64bits_withSeed(payload, header.size, XXH3_64bits(facts.data(), facts.size()));
}

void EncodeBlockHeader(const BlockHeader& header, uint8_t* target) {
  const auto facts = EncodeBlockFacts(header);
  std::memcpy(target, facts.data(), facts.size());
  StoreLittleEndian(header.checksum, target + facts.size());
}

bool DecodeBlockHeader(const uint8_t* source, BlockHeader& header) {
  header.partition = LoadLittleEndian<uint32_t>(source);
  header.rows = LoadLittleEndian<uint32_t>(source + 4);
  header.size = LoadLittleEndian<uint32_t>(source + 8);
  const uint8_t codec = source[12];
  const uint8_t sealed = source[13];
  header.codec = static_cast<BlockCodec>(codec);
  header.sealed = sealed != 0;
  header.checksum = LoadLittleEndian<uint64_t>(source + kBlockFactsBytes);
  return codec <= static_cast<uint8_t>(BlockCodec::kZstd) && sealed <= 1 &&
         LoadLittleEndian<uint16_t>(source + 14) == 0 && header.size <= kMaxPayloadBytes;
}

void EncodeObjectHeader(uint32_t partition_count, uint8_t* target) {
  std::memcpy(target, kObjectMagic, sizeof(kObjectMagic));
  StoreLittleEndian(uint32_t{kSpoolVersion}, target + 8);
  StoreLittleEndian(partition_count, target + 12);
}

}  // namespace planaria::exchange
