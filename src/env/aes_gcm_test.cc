#include "env/aes_gcm.h"

#include <gtest/gtest.h>

namespace planaria {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation".
TEST(AesGcmTest, SealsAsTheStandardDoes) {
  const std::string key = FromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = FromHex("cafebabefacedbaddecaf888");
  const std::string context = FromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plain = FromHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
      "f5"
      "aa0de657ba637b39");
  std::string sealed(plain.size() + kAesTagBytes, '\0');
  SealAesGcm(key, nonce, context, reinterpret_cast<const uint8_t*>(plain.data()), plain.size(),
             reinterpret_cast<uint8_t*>(sealed.data()));
  EXPECT_EQ(sealed,
            FromHex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b0"
                    "8b1056828838c5f61e6393ba7a0abcc9f662"
                    "76fc6ece0f4e1768cddf8853bb2d551b"));
  std::string opened(plain.size(), '\0');
  EXPECT_TRUE(OpenAesGcm(key, nonce, context, reinterpret_cast<const uint8_t*>(sealed.data()), plain.size(),
                         reinterpret_cast<uint8_t*>(opened.data())));
  EXPECT_EQ(opened, plain);
}

TEST(AesGcmTest, NothingElseOpensAText) {
  const std::string key = SecureRandomBytes(kAesKeyBytes);
  for (const std::string& text : {std::string("a secret"), std::string()}) {
    const std::string sealed = SealText(key, "query 1", text);
    std::string opened;
    ASSERT_TRUE(OpenText(key, "query 1", sealed, opened));
    EXPECT_EQ(opened, text);
    EXPECT_FALSE(OpenText(key, "query 2", sealed, opened));
    EXPECT_FALSE(OpenText(SecureRandomBytes(kAesKeyBytes), "query 1", sealed, opened));
    for (size_t i = 0; i < sealed.size(); i++) {
      std::string altered = sealed;
      altered[i] ^= 1;
      EXPECT_FALSE(OpenText(key, "query 1", altered, opened)) << i;
      EXPECT_FALSE(OpenText(key, "query 1", sealed.substr(0, i), opened)) << i;
    }
    EXPECT_NE(SealText(key, "query 1", text), sealed);
  }
}

}  // namespace
}  // namespace planaria
