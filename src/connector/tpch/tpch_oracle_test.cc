#include "connector/tpch/tpch_oracle.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "connector/tpch/tpch_queries.h"

namespace planaria::connector {
namespace {

TEST(TpchOracleTest, AnswersTheQueriesOverNativeTables) {
  TpchOracle oracle;
  std::map<std::string, uint64_t> rows;
  oracle.Load("tiny", [&rows](const std::string& table, uint64_t count) { rows[table] = count; });
  EXPECT_EQ(rows.size(), 8u);
  EXPECT_EQ(rows["lineitem"], 60175u);
  EXPECT_EQ(rows["region"], 5u);
  // The specification's own answer to query 6 at this scale, as DuckDB ships it.
  EXPECT_EQ(oracle.Rows(std::string(TpchQuery(6))), R"([["1193053.2253"]])");
  for (int number = 1; number <= kTpchQueries; ++number) {
    EXPECT_TRUE(oracle.Rows(std::string(TpchQuery(number))).starts_with("[")) << number;
  }
}

TEST(TpchOracleTest, UnknownSchemasAreRefused) {
  TpchOracle oracle;
  try {
    oracle.Load("big", [](const std::string&, uint64_t) {});
    FAIL();
  } catch (const TrinoException& exception) {
    EXPECT_EQ(exception.error().code.name, "SCHEMA_NOT_FOUND");
  }
}

TEST(TpchQueriesTest, NumbersAreChecked) {
  EXPECT_TRUE(TpchQuery(1).starts_with("SELECT"));
  EXPECT_FALSE(TpchQuery(1).ends_with(";"));
  EXPECT_THROW(TpchQuery(0), std::out_of_range);
  EXPECT_THROW(TpchQuery(23), std::out_of_range);
}

}  // namespace
}  // namespace planaria::connector
