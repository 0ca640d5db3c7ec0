#include "coordinator/statement_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/error.h"

namespace planaria::coordinator {

std::string_view StatementPhaseName(StatementPhase phase) {
  return phase == StatementPhase::kQueued ? "queued" : "executing";
}

std::string StatementSlugs::Make(const QueryId& query, StatementPhase phase, uint64_t token) const {
  const std::string text =
      query.value + "/" + std::string(StatementPhaseName(phase)) + "/" + std::to_string(token);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size) == nullptr) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "HMAC-SHA256 is not available");
  }
  static constexpr char kHex[] = "0123456789abcdef";
  std::string slug = "y";
  for (unsigned int i = 0; i < size; ++i) {
    slug.push_back(kHex[digest[i] >> 4]);
    slug.push_back(kHex[digest[i] & 0xF]);
  }
  return slug;
}

bool StatementSlugs::Matches(const QueryId& query, StatementPhase phase, uint64_t token,
                             std::string_view slug) const {
  const std::string expected = Make(query, phase, token);
  return slug.size() == expected.size() && CRYPTO_memcmp(slug.data(), expected.data(), slug.size()) == 0;
}

}  // namespace planaria::coordinator
