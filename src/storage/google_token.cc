#include "storage/google_token.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <memory>

#include "env/url.h"
#include "storage/blob_client.h"
#include "storage/digest.h"

namespace planaria::storage {
namespace {

constexpr const char* kScope = "https://www.googleapis.com/auth/devstorage.read_write";
constexpr auto kLifetime = std::chrono::hours(1);
constexpr auto kMargin = std::chrono::minutes(5);

std::string Base64Url(std::string_view bytes) {
  std::string text = Base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string TextOf(const rapidjson::Document& document, const char* name) {
  if (!document.IsObject() || !document.HasMember(name) || !document[name].IsString()) return {};
  return document[name].GetString();
}

using PrivateKey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

PrivateKey ReadKey(const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                  BIO_free);
  return {PEM_read_bio_PrivateKey(bytes.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

}  // namespace

GoogleToken::GoogleToken(const std::string& json_key) {
  rapidjson::Document document;
  document.Parse(json_key.c_str(), json_key.size());
  account_ = TextOf(document, "client_email");
  private_key_ = TextOf(document, "private_key");
  token_uri_ = TextOf(document, "token_uri");
  if (token_uri_.empty()) token_uri_ = "https://oauth2.googleapis.com/token";
  if (document.HasParseError() || account_.empty() || !ReadKey(private_key_)) {
    throw TrinoException(
        errors::CONFIGURATION_INVALID,
        "The key of exchange.gcs is not a service account's JSON with client_email and private_key");
  }
}

std::string GoogleToken::Assertion(std::chrono::system_clock::time_point now) const {
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  const std::string claims = R"({"iss":")" + account_ + R"(","scope":")" + kScope + R"(","aud":")" +
                             token_uri_ + R"(","iat":)" + std::to_string(seconds) + R"(,"exp":)" +
                             std::to_string(seconds + std::chrono::seconds(kLifetime).count()) + "}";
  const std::string text = Base64Url(R"({"alg":"RS256","typ":"JWT"})") + '.' + Base64Url(claims);
  const PrivateKey key = ReadKey(private_key_);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    throw TrinoException(errors::CONFIGURATION_INVALID, "The key of exchange.gcs cannot sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     text.size()) != 1) {
    throw TrinoException(errors::CONFIGURATION_INVALID, "The key of exchange.gcs cannot sign");
  }
  signature.resize(size);
  return text + '.' + Base64Url(signature);
}

std::string GoogleToken::Header(StoreRequests& requests) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::system_clock::now();
  if (now + kMargin < ends_) return "Bearer " + token_;
  const std::string body = "grant_type=" + PercentEncode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
                           "&assertion=" + Assertion(now);
  StoreRequest request;
  request.method = "POST";
  const size_t path = std::min(token_uri_.find('/', token_uri_.find("://") + 3), token_uri_.size());
  request.origin = token_uri_.substr(0, path);
  request.path = token_uri_.substr(path);
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = body;
  const StoreResponse response = requests.Run(
      RequestKind::kGet, request, [](StoreRequest&) {}, "token of " + account_);
  rapidjson::Document document;
  document.Parse(response.body.c_str(), response.body.size());
  const std::string token = document.HasParseError() ? "" : TextOf(document, "access_token");
  if (!response.ok() || token.empty()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "No access token for " + account_ + ": " +
                                                             request.origin + " answers " +
                                                             std::to_string(response.status));
  }
  token_ = token;
  ends_ = now + (document.HasMember("expires_in") && document["expires_in"].IsInt()
                     ? std::chrono::seconds(document["expires_in"].GetInt())
                     : std::chrono::seconds(kLifetime));
  return "Bearer " + token_;
}

}  // namespace planaria::storage
