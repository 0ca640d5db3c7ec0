#include "exchange/block_cipher.h"

#include "base/error.h"
#include "env/aes_gcm.h"
#include "exchange/spool_format.h"
#include "storage/digest.h"

namespace planaria::exchange {
namespace {

std::string_view Text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string NonceOf(const void* number) {
  std::string nonce(kAesNonceBytes, '\0');
  std::memcpy(nonce.data(), number, sizeof(uint64_t));
  return nonce;
}

Secret AttemptKey(const Secret& query_key, const TaskId& producer, const std::string& salt) {
  if (query_key.bytes().size() != kSpoolKeyBytes) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "The key for outputs of query " + producer.query.value + " has " +
                             std::to_string(query_key.bytes().size()) + " bytes");
  }
  std::string key =
      storage::HmacSha256(query_key.bytes(), "planaria spool object 1\n" + producer.ToString() + '\n' + salt);
  const Secret kept(key);
  Wipe(key);
  return kept;
}

}  // namespace

BlockCipher BlockCipher::ForWriting(const Secret& query_key, const TaskId& producer) {
  return BlockCipher(query_key, producer, SecureRandomBytes(kSaltBytes));
}

BlockCipher::BlockCipher(const Secret& query_key, const TaskId& producer, std::string salt)
    : salt_(std::move(salt)), key_(AttemptKey(query_key, producer, salt_)) {}

BlockCipher::BlockCipher(BlockCipher&& other) noexcept
    : salt_(std::move(other.salt_)), key_(std::move(other.key_)), next_number_(other.next_number_.load()) {}

void BlockCipher::Seal(std::span<const uint8_t> header, const uint8_t* plain, size_t size, uint8_t* target) {
  uint8_t* const number = target + size + kAesTagBytes;
  StoreLittleEndian(next_number_.fetch_add(1), number);
  SealAesGcm(key_.bytes(), NonceOf(number), Text(header), plain, size, target);
}

bool BlockCipher::Open(std::span<const uint8_t> header, const uint8_t* sealed, size_t sealed_size,
                       uint8_t* target) const {
  if (sealed_size < kSealBytes) return false;
  const size_t size = sealed_size - kSealBytes;
  return OpenAesGcm(key_.bytes(), NonceOf(sealed + size + kAesTagBytes), Text(header), sealed, size, target);
}

}  // namespace planaria::exchange
