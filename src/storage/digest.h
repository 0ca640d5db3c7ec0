// Hashes that signatures of object stores are made of.
#pragma once

#include <string>
#include <string_view>

namespace planaria::storage {

/// Raw bytes, 32 of them.
std::string Sha256(std::string_view data);
std::string HmacSha256(std::string_view key, std::string_view data);
/// Raw bytes, 16 of them. Stores ask for it as a checksum.
std::string Md5(std::string_view data);

std::string Hex(std::string_view bytes);
std::string Base64(std::string_view bytes);
/// Empty when the text is not base64.
std::string FromBase64(std::string_view text);

}  // namespace planaria::storage
