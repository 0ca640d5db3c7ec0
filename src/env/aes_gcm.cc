#include "env/aes_gcm.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "base/error.h"

namespace planaria {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

[[noreturn]] void ThrowUnable() {
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "OpenSSL cannot do AES-256-GCM");
}

const EVP_CIPHER* Cipher() {
  // Looking it up takes a lock that all threads share.
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  if (cipher == nullptr) ThrowUnable();
  return cipher;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Context Begin(std::string_view key, std::string_view nonce, std::string_view context, bool seal) {
  if (key.size() != kAesKeyBytes || nonce.size() != kAesNonceBytes) ThrowUnable();
  Context state(EVP_CIPHER_CTX_new());
  int ignored = 0;
  if (!state ||
      EVP_CipherInit_ex2(state.get(), Cipher(), Bytes(key), Bytes(nonce), seal ? 1 : 0, nullptr) != 1 ||
      EVP_CipherUpdate(state.get(), nullptr, &ignored, Bytes(context), static_cast<int>(context.size())) !=
          1) {
    ThrowUnable();
  }
  return state;
}

}  // namespace

void SealAesGcm(std::string_view key, std::string_view nonce, std::string_view context, const uint8_t* plain,
                size_t size, uint8_t* target) {
  const Context state = Begin(key, nonce, context, true);
  int done = 0;
  int rest = 0;
  if (EVP_CipherUpdate(state.get(), target, &done, plain, static_cast<int>(size)) != 1 ||
      EVP_CipherFinal_ex(state.get(), target + done, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_GET_TAG, kAesTagBytes, target + size) != 1) {
    ThrowUnable();
  }
}

bool OpenAesGcm(std::string_view key, std::string_view nonce, std::string_view context, const uint8_t* sealed,
                size_t size, uint8_t* target) {
  const Context state = Begin(key, nonce, context, false);
  int done = 0;
  int rest = 0;
  return EVP_CipherUpdate(state.get(), target, &done, sealed, static_cast<int>(size)) == 1 &&
         EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_SET_TAG, kAesTagBytes,
                             const_cast<uint8_t*>(sealed + size)) == 1 &&
         EVP_CipherFinal_ex(state.get(), target + done, &rest) == 1;
}

std::string SecureRandomBytes(size_t bytes) {
  std::string random(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(bytes)) != 1) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "OpenSSL has no randomness");
  }
  return random;
}

std::string SealText(std::string_view key, std::string_view context, std::string_view text) {
  std::string sealed = SecureRandomBytes(kAesNonceBytes);
  const std::string nonce = sealed;
  sealed.resize(kAesNonceBytes + text.size() + kAesTagBytes);
  SealAesGcm(key, nonce, context, Bytes(text), text.size(),
             reinterpret_cast<uint8_t*>(sealed.data()) + kAesNonceBytes);
  return sealed;
}

bool OpenText(std::string_view key, std::string_view context, std::string_view sealed, std::string& text) {
  if (sealed.size() < kAesNonceBytes + kAesTagBytes) return false;
  text.resize(sealed.size() - kAesNonceBytes - kAesTagBytes);
  return OpenAesGcm(key, sealed.substr(0, kAesNonceBytes), context, Bytes(sealed) + kAesNonceBytes,
                    text.size(), reinterpret_cast<uint8_t*>(text.data()));
}

}  // namespace planaria
