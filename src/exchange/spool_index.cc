#include "exchange/spool_index.h"

#include "base/error.h"
#include "exchange/spool_format.h"

namespace planaria::exchange {

void AppendSpoolIndex(const Manifest& manifest, uint64_t end, std::string& bytes) {
  const std::string index = manifest.Serialize();
  bytes += index;
  bytes.append(PaddedSize(index.size()) - index.size(), '\0');
  char footer[kFooterBytes];
  StoreLittleEndian(end, footer);
  StoreLittleEndian(uint64_t{index.size()}, footer + 8);
  std::memcpy(footer + 16, kFooterMagic, sizeof(kFooterMagic));
  bytes.append(footer, sizeof(footer));
}

Manifest ReadSpoolIndex(const storage::ObjectPlace& place, uint64_t object_size) {
  const auto malformed = [&](const std::string& what) {
    return TrinoException(errors::SERIALIZATION_ERROR,
                          "Not a whole spool object: " + place.Location() + ": " + what);
  };
  if (object_size < kObjectHeaderBytes + kFooterBytes) {
    throw malformed(std::to_string(object_size) + " bytes");
  }
  uint8_t header[kObjectHeaderBytes];
  place.store->Read(place.key, 0, sizeof(header), header);
  uint8_t expected_header[kObjectHeaderBytes];
  uint8_t footer[kFooterBytes];
  const uint64_t footer_offset = object_size - kFooterBytes;
  place.store->Read(place.key, footer_offset, sizeof(footer), footer);
  const uint64_t offset = LoadLittleEndian<uint64_t>(footer);
  const uint64_t length = LoadLittleEndian<uint64_t>(footer + 8);
  if (std::memcmp(footer + 16, kFooterMagic, sizeof(kFooterMagic)) != 0 || offset > footer_offset ||
      footer_offset - offset != PaddedSize(length) || length > object_size) {
    throw malformed("damaged footer at offset " + std::to_string(footer_offset));
  }
  std::string index(length, '\0');
  place.store->Read(place.key, offset, length, index.data());
  try {
    const Manifest listed = Manifest::Parse(index);
    EncodeObjectHeader(listed.partition_count(), expected_header);
    if (std::memcmp(header, expected_header, sizeof(header)) != 0) throw malformed("damaged header");
    return Manifest::OfObject(listed.producer(), place.Location(), listed.partition_count(),
                              {listed.blocks().begin(), listed.blocks().end()}, listed.salt());
  } catch (const TrinoException& damaged) {
    throw malformed("index at offset " + std::to_string(offset) + ": " + damaged.what());
  }
}

}  // namespace planaria::exchange
