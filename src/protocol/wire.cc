#include "protocol/wire.h"

#include <limits>

#include "base/error.h"

namespace planaria::protocol {

WireWriter::WireWriter(uint8_t kind, uint8_t version) {
  bytes_.push_back(static_cast<char>(kind));
  bytes_.push_back(static_cast<char>(version));
}

void WireWriter::Varint(uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void WireWriter::Signed(int64_t value) {
  Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

void WireWriter::Text(std::string_view text) {
  Varint(text.size());
  bytes_.append(text);
}

WireReader::WireReader(std::string_view bytes, std::string_view message, uint8_t kind, uint8_t version)
    : bytes_(bytes), message_(message) {
  if (bytes_.size() < 2) Refuse("header", "message is too short");
  if (static_cast<uint8_t>(bytes_[0]) != kind) Refuse("header", "it is another kind of message");
  offset_ = 1;
  if (static_cast<uint8_t>(bytes_[1]) != version) {
    Refuse("version", "expected " + std::to_string(version) + ", got " +
                          std::to_string(static_cast<uint8_t>(bytes_[1])));
  }
  offset_ = 2;
}

uint64_t WireReader::Varint(std::string_view field) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (offset_ == bytes_.size()) Refuse(field, "message ends here");
    const auto byte = static_cast<uint8_t>(bytes_[offset_++]);
    if (shift == 63 && byte > 1) Refuse(field, "number does not fit in 64 bits");
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  Refuse(field, "number does not end");
}

uint32_t WireReader::Varint32(std::string_view field) {
  const uint64_t value = Varint(field);
  if (value > std::numeric_limits<uint32_t>::max()) Refuse(field, "number does not fit in 32 bits");
  return static_cast<uint32_t>(value);
}

int64_t WireReader::Signed(std::string_view field) {
  const uint64_t value = Varint(field);
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

int32_t WireReader::Signed32(std::string_view field) {
  const int64_t value = Signed(field);
  if (value != static_cast<int32_t>(value)) Refuse(field, "number does not fit in 32 bits");
  return static_cast<int32_t>(value);
}

bool WireReader::Bool(std::string_view field) {
  const uint64_t value = Varint(field);
  if (value > 1) Refuse(field, "neither true nor false");
  return value == 1;
}

std::string WireReader::Text(std::string_view field) {
  const uint64_t size = Varint(field);
  if (size > bytes_.size() - offset_) Refuse(field, "text is longer than the message");
  std::string text(bytes_.substr(offset_, size));
  offset_ += size;
  return text;
}

size_t WireReader::Count(std::string_view field, size_t item_bytes) {
  const uint64_t count = Varint(field);
  if (count > (bytes_.size() - offset_) / item_bytes) Refuse(field, "more items than the message can hold");
  return count;
}

void WireReader::End() {
  if (offset_ != bytes_.size()) Refuse("end", "bytes follow the message");
}

void WireReader::Refuse(std::string_view field, std::string_view why) const {
  throw TrinoException(errors::SERIALIZATION_ERROR, "Malformed " + message_ + ": " + std::string(field) +
                                                        " at byte " + std::to_string(offset_) + " of " +
                                                        std::to_string(bytes_.size()) + ": " +
                                                        std::string(why));
}

}  // namespace planaria::protocol
