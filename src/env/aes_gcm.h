// AES-256 in Galois/Counter mode: nobody without the key reads what is sealed, or alters it unnoticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace planaria {

inline constexpr size_t kAesKeyBytes = 32;
inline constexpr size_t kAesNonceBytes = 12;
inline constexpr size_t kAesTagBytes = 16;

/// Writes `size` sealed bytes and the tag behind them to `target`, which may be `plain` itself. `context` is
/// not stored: it has to be the same when it is opened. A key must never see a nonce twice. Throws
/// TrinoException(GENERIC_INTERNAL_ERROR) when OpenSSL cannot.
void SealAesGcm(std::string_view key, std::string_view nonce, std::string_view context, const uint8_t* plain,
                size_t size, uint8_t* target);
/// The other way: `size` bytes and a tag at `sealed`, `size` bytes at `target`. False when key, nonce or
/// context is another one, or a byte was altered; what is at `target` means nothing then.
bool OpenAesGcm(std::string_view key, std::string_view nonce, std::string_view context, const uint8_t* sealed,
                size_t size, uint8_t* target);

/// `bytes` from the system's generator, fit for keys.
std::string SecureRandomBytes(size_t bytes);

/// For texts that are sealed now and then: a random nonce, the sealed text and its tag.
std::string SealText(std::string_view key, std::string_view context, std::string_view text);
/// False when it cannot be opened.
bool OpenText(std::string_view key, std::string_view context, std::string_view sealed, std::string& text);

}  // namespace planaria
