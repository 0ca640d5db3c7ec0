#include "sql/like_pattern.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::sql {
namespace {

TEST(LikePatternTest, TheEscapeIsOneCharacter) {
  CheckEscape("$");
  CheckEscape("é");
  EXPECT_THROW(CheckEscape(""), TrinoException);
  EXPECT_THROW(CheckEscape("$$"), TrinoException);
}

TEST(LikePatternTest, TheEscapeStandsBeforeWhatIsSpecial) {
  CheckEscape("a$%b$_c$$", "$");
  CheckEscape("plain", "$");
  EXPECT_THROW(CheckEscape("a$b", "$"), TrinoException);
  EXPECT_THROW(CheckEscape("a$", "$"), TrinoException);
}

TEST(LikePatternTest, Conditions) {
  EXPECT_EQ(AndLike("x", std::nullopt), "");
  EXPECT_EQ(AndLike("x", ast::LikePattern{"it's", std::nullopt}), " AND x LIKE 'it''s'");
  EXPECT_EQ(AndLike("x", ast::LikePattern{"a$_", "$"}), " AND x LIKE 'a$_' ESCAPE '$'");
  EXPECT_EQ(AndLike("x", ast::LikePattern{"aé_éé$", "é"}), " AND x LIKE 'a$_é$$' ESCAPE '$'");
}

}  // namespace
}  // namespace planaria::sql
