// Bytes that must not be shown, such as keys.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace planaria {

/// Copies share the bytes; they are overwritten when the last copy goes. Nothing prints a secret: put its
/// bytes into no message, log or file. Thread-safe as a value is.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes);

  bool empty() const { return !bytes_; }
  std::string_view bytes() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  bool operator==(const Secret& other) const { return bytes() == other.bytes(); }

 private:
  std::shared_ptr<const std::string> bytes_;
};

/// Overwrites the text before it is freed or reused.
void Wipe(std::string& text);

}  // namespace planaria
