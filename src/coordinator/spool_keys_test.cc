#include "coordinator/spool_keys.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "exchange/block_cipher.h"

namespace planaria::coordinator {
namespace {

const QueryId kQuery{"20261126_120000_00001_abcde"};
const QueryId kOther{"20261126_120000_00002_abcde"};
const std::string kText = "SELECT 'a literal'";

TEST(SpoolKeysTest, EveryQueryHasItsOwnUntilItEnds) {
  SpoolKeys keys(Secret("secret"), true);
  EXPECT_TRUE(keys.Of(kQuery).empty());
  const Secret key = keys.Make(kQuery);
  EXPECT_EQ(key.bytes().size(), exchange::kSpoolKeyBytes);
  EXPECT_EQ(keys.Of(kQuery), key);
  EXPECT_NE(keys.Make(kOther), key);
  EXPECT_NE(keys.MakeOwn(), keys.MakeOwn());
  keys.Forget(kQuery);
  EXPECT_TRUE(keys.Of(kQuery).empty());
  EXPECT_FALSE(keys.Of(kOther).empty());
}

TEST(SpoolKeysTest, AnotherStartOpensWhatOneSealed) {
  SpoolKeys keys(Secret("secret"), true);
  const Secret key = keys.Make(kQuery);
  const std::string journaled = keys.Seal(kQuery, kText);
  EXPECT_EQ(journaled.find("literal"), std::string::npos);
  EXPECT_EQ(journaled.find(std::string(key.bytes())), std::string::npos);
  for (const bool seals : {true, false}) {
    SpoolKeys later(Secret("secret"), seals);
    EXPECT_EQ(later.Open(kQuery, journaled), kText);
    EXPECT_EQ(later.Of(kQuery), key);
  }
}

TEST(SpoolKeysTest, NobodyElseOpensIt) {
  SpoolKeys keys(Secret("secret"), true);
  keys.Make(kQuery);
  const std::string journaled = keys.Seal(kQuery, kText);
  const auto refusal = [&](const std::string& secret, const QueryId& query, const std::string& bytes) {
    SpoolKeys later(Secret(secret), true);
    try {
      later.Open(query, bytes);
    } catch (const TrinoException& refused) {
      EXPECT_TRUE(later.Of(query).empty());
      return refused.error().message;
    }
    return std::string();
  };
  EXPECT_EQ(refusal("secret", kQuery, journaled), "");
  EXPECT_NE(refusal("another", kQuery, journaled).find("internal-communication.shared-secret"),
            std::string::npos);
  EXPECT_NE(refusal("secret", kOther, journaled), "");
  for (size_t i = 1; i < journaled.size(); i++) {
    std::string altered = journaled;
    altered[i] ^= 1;
    EXPECT_NE(refusal("secret", kQuery, altered), "") << i;
    EXPECT_NE(refusal("secret", kQuery, journaled.substr(0, i)), "") << i;
  }
}

TEST(SpoolKeysTest, WithoutSealingTextsAreAsTheyAre) {
  SpoolKeys keys(Secret("secret"), false);
  EXPECT_TRUE(keys.Make(kQuery).empty());
  EXPECT_TRUE(keys.MakeOwn().empty());
  EXPECT_EQ(keys.Seal(kQuery, "Q as it is"), "Q as it is");
  EXPECT_EQ(keys.Open(kQuery, "Q as it is"), "Q as it is");
  EXPECT_TRUE(keys.Of(kQuery).empty());
}

}  // namespace
}  // namespace planaria::coordinator
