// Bytes of the internal messages: varints and length-prefixed strings, read with bounds.
//
// Both sides run the same version in normal operation; a reader that meets anything else refuses the whole
// message and says which field was wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace planaria::protocol {

class WireWriter {
 public:
  /// `kind` and `version` are what WireReader checks first.
  WireWriter(uint8_t kind, uint8_t version);

  void Varint(uint64_t value);
  /// Zigzag: small negative numbers stay short.
  void Signed(int64_t value);
  void Bool(bool value) { Varint(value ? 1 : 0); }
  void Text(std::string_view text);

  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Borrows the bytes. Every method throws TrinoException(SERIALIZATION_ERROR) naming message, field and
/// offset when the bytes do not hold what is asked for.
class WireReader {
 public:
  WireReader(std::string_view bytes, std::string_view message, uint8_t kind, uint8_t version);

  uint64_t Varint(std::string_view field);
  uint32_t Varint32(std::string_view field);
  int64_t Signed(std::string_view field);
  int32_t Signed32(std::string_view field);
  bool Bool(std::string_view field);
  std::string Text(std::string_view field);
  /// A number of items to follow, each at least `item_bytes` long: more than can be there is refused before
  /// anything is allocated for them.
  size_t Count(std::string_view field, size_t item_bytes = 1);
  /// The message must end here.
  void End();

  [[noreturn]] void Refuse(std::string_view field, std::string_view why) const;

 private:
  const std::string_view bytes_;
  const std::string message_;
  size_t offset_ = 0;
};

}  // namespace planaria::protocol
