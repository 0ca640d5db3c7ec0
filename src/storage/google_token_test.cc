#include "storage/google_token.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "storage/digest.h"

namespace planaria::storage {
namespace {

std::string FromBase64Url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return FromBase64(text);
}

/// Google's side: hands out tokens and keeps what it was asked.
class TokenServer final : public StoreTransport {
 public:
  StoreResponse Send(const StoreRequest& request) override {
    asked++;
    url = request.Url();
    body = request.body;
    StoreResponse response;
    response.status = 200;
    response.body = R"({"access_token":"t)" + std::to_string(asked) + R"(","expires_in":)" +
                    std::to_string(lifetime) + "}";
    return response;
  }
  int asked = 0;
  int lifetime = 3600;
  std::string url;
  std::string body;
};

class GoogleTokenTest : public testing::Test {
 protected:
  GoogleTokenTest() : key_(EVP_RSA_gen(2048), EVP_PKEY_free) {
    const std::unique_ptr<BIO, int (*)(BIO*)> pem(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(pem.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(pem.get(), &bytes);
    json_ = nlohmann::json{{"client_email", "a@b"},
                           {"private_key", std::string(bytes, static_cast<size_t>(size))},
                           {"token_uri", "https://tokens.example/get"}}
                .dump();
  }

  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::string json_;
};

TEST_F(GoogleTokenTest, TheAssertionIsSignedByTheAccount) {
  const std::string assertion = GoogleToken(json_).Assertion(std::chrono::system_clock::from_time_t(1000));
  const size_t dot = assertion.rfind('.');
  const std::string signature = FromBase64Url(assertion.substr(dot + 1));
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  ASSERT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
  EXPECT_EQ(EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                             signature.size(), reinterpret_cast<const unsigned char*>(assertion.data()), dot),
            1);
  const size_t first = assertion.find('.');
  const auto claims = nlohmann::json::parse(FromBase64Url(assertion.substr(first + 1, dot - first - 1)));
  EXPECT_EQ(claims["iss"], "a@b");
  EXPECT_EQ(claims["aud"], "https://tokens.example/get");
  EXPECT_EQ(claims["iat"], 1000);
  EXPECT_EQ(claims["exp"], 4600);
}

TEST_F(GoogleTokenTest, ATokenIsUsedUntilItIsAboutToEnd) {
  const auto server = std::make_shared<TokenServer>();
  StoreRequests requests(server, {});
  GoogleToken token(json_);
  EXPECT_EQ(token.Header(requests), "Bearer t1");
  EXPECT_EQ(token.Header(requests), "Bearer t1");
  EXPECT_EQ(server->url, "https://tokens.example/get");
  EXPECT_TRUE(server->body.starts_with(
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="));
  GoogleToken brief(json_);
  server->lifetime = 60;
  EXPECT_EQ(brief.Header(requests), "Bearer t2");
  EXPECT_EQ(brief.Header(requests), "Bearer t3");
}

TEST_F(GoogleTokenTest, OtherKeysAreRefusedWithoutBeingShown) {
  for (const std::string& text : {std::string("secret"), std::string("{}"), std::string("[1]"),
                                  std::string(R"({"client_email":"a@b","private_key":"secret"})")}) {
    try {
      GoogleToken token(text);
      FAIL() << text;
    } catch (const TrinoException& refused) {
      EXPECT_EQ(std::string(refused.what()).find("secret"), std::string::npos) << refused.what();
    }
  }
}

}  // namespace
}  // namespace planaria::storage
