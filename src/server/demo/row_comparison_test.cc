#include "server/demo/row_comparison.h"

#include <gtest/gtest.h>

namespace planaria::server {
namespace {

using nlohmann::json;

std::string Difference(const char* expected, const char* actual, bool ordered = true) {
  return FirstDifference(json::parse(expected), json::parse(actual), ordered).value_or("equal");
}

TEST(RowComparisonTest, SumsMayDifferInTheirLastDigits) {
  EXPECT_EQ(Difference(R"([[1, "a", 0.1, null]])", R"([[1, "a", 0.10000000000001, null]])"), "equal");
  EXPECT_EQ(Difference("[[0.1]]", "[[0.1001]]"), "row 1 is [0.1001], expected [0.1]");
  EXPECT_EQ(Difference("[[0.0]]", "[[null]]"), "row 1 is [null], expected [0.0]");
}

TEST(RowComparisonTest, DecimalsAreWhatDoublesRoundTo) {
  EXPECT_EQ(Difference("[[25.522005853257337]]", R"([["25.52"]])"), "equal");
  EXPECT_EQ(Difference("[[25.525]]", R"([["25.53"]])"), "equal");
  EXPECT_EQ(Difference("[[25.522]]", R"([["25.53"]])"), R"(row 1 is ["25.53"], expected [25.522])");
  EXPECT_EQ(Difference("[[0.5]]", R"([["x"]])"), R"(row 1 is ["x"], expected [0.5])");
  EXPECT_EQ(Difference(R"([["6202"]])", "[[6202]]"), "equal");
  EXPECT_EQ(Difference(R"([["6202"]])", "[[6203]]"), R"(row 1 is [6203], expected ["6202"])");
}

TEST(RowComparisonTest, OtherValuesMayNot) {
  EXPECT_EQ(Difference(R"([["1.10"]])", R"([["1.1"]])"), R"(row 1 is ["1.1"], expected ["1.10"])");
  EXPECT_EQ(Difference("[[9007199254740993]]", "[[9007199254740992]]"),
            "row 1 is [9007199254740992], expected [9007199254740993]");
}

TEST(RowComparisonTest, OrderCountsWhereTheQueryGivesOne) {
  EXPECT_EQ(Difference("[[1],[2]]", "[[2],[1]]"), "row 1 is [2], expected [1]");
  EXPECT_EQ(Difference("[[1],[2]]", "[[2],[1]]", false), "equal");
  EXPECT_TRUE(OrdersItsRows("SELECT a FROM (SELECT 1 AS a) ORDER BY a"));
  EXPECT_FALSE(OrdersItsRows("SELECT a FROM (SELECT 1 AS a ORDER BY 1)"));
}

TEST(RowComparisonTest, MissingAndAdditionalRowsAndColumnsAreSeen) {
  EXPECT_EQ(Difference("[[1],[2]]", "[[1]]"), "1 rows, expected 2");
  EXPECT_EQ(Difference("[]", "[[1]]"), "1 rows, expected 0");
  EXPECT_EQ(Difference("[[1]]", "[[1, 2]]"), "row 1 is [1,2], expected [1]");
}

}  // namespace
}  // namespace planaria::server
