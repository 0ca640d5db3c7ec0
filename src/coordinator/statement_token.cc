#include "coordinator/statement_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>

#include "base/error.h"

namespace planaria::coordinator {

std::string_view StatementPhaseName(StatementPhase phase) {
  return phase == StatementPhase::kQueued ? "queued" : "executing";
}

std::string StatementSlugs::Make(const QueryId& query, StatementPhase phase, uint64_t token,
                                 uint64_t page) const {
  const std::string text = query.value + "/" + std::string(StatementPhaseName(phase)) + "/" +
                           std::to_string(token) + "/" + std::to_string(page);
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
  if (page > 0) slug += "_" + std::to_string(page);
  return slug;
}

std::optional<uint64_t> StatementSlugs::Check(const QueryId& query, StatementPhase phase, uint64_t token,
                                              std::string_view slug) const {
  uint64_t page = 0;
  if (const size_t mark = slug.find('_'); mark != std::string_view::npos)
    std::from_chars(slug.data() + mark + 1, slug.data() + slug.size(), page);
  const std::string expected = Make(query, phase, token, page);
  if (slug.size() != expected.size() || CRYPTO_memcmp(slug.data(), expected.data(), slug.size()) != 0)
    return std::nullopt;
  return page;
}

}  // namespace planaria::coordinator
