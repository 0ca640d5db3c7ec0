#include "sql/dialect.h"

#include <gtest/gtest.h>

#include <random>

namespace planaria::sql {
namespace {

std::string Adapt(std::string_view sql) { return AdaptQuery({std::string(sql), {1, 1}}).text(); }

TEST(Dialect, RewritesWhatIsSpelledDifferently) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"VALUES 1, (2), (3)+1, (4, 5) ORDER BY 1", "VALUES (1), (2), ((3)+1), (4, 5) ORDER BY 1"},
      {"SELECT * FROM (VALUES 1, f(2, 3)) AS v(x)", "SELECT * FROM (VALUES (1), (f(2, 3))) AS v(x)"},
      {"SELECT X'68 69', x''", "SELECT CAST('\\x68\\x69' AS BLOB), CAST('' AS BLOB)"},
      {"SELECT DECIMAL '-01.50', DOUBLE '1'", "SELECT CAST('-01.50' AS DECIMAL(4,2)), DOUBLE '1'"},
      {"SELECT CAST(a AS DECIMAL), CAST(a AS decimal(4,1))",
       "SELECT CAST(a AS DECIMAL(38,0)), CAST(a AS decimal(4,1))"},
      {"SELECT TIMESTAMP '2024-01-01 00:00:00 UTC', TIMESTAMP '2024-01-01 00:00:00.5', TIMESTAMP "
       "'2024-01-01'",
       "SELECT TIMESTAMPTZ '2024-01-01 00:00:00 UTC', TIMESTAMP '2024-01-01 00:00:00.5', TIMESTAMP "
       "'2024-01-01'"},
      {"SELECT CAST(NULL AS ARRAY(ARRAY(integer))), ARRAY[1]", "SELECT CAST(NULL AS integer[][]), ARRAY[1]"},
      {"SELECT lag(a) IGNORE NULLS OVER (ORDER BY b)", "SELECT lag(a IGNORE NULLS)  OVER (ORDER BY b)"},
      {"SELECT listagg(a, ',') WITHIN GROUP (ORDER BY b) FROM t", "SELECT listagg(a, ',' ORDER BY b) FROM t"},
      {"SELECT approx_distinct(a), approx_distinct(a, 0.1), -infinity()",
       "SELECT approx_count_distinct(a), approx_distinct(a, 0.1), -CAST('infinity' AS DOUBLE)"},
      {"SELECT count(*) FILTER (WHERE a > 1), filter(a, x -> x > 1)",
       "SELECT count(*) FILTER (WHERE a > 1), list_filter(a, x -> x > 1)"},
      {"SELECT t.check, \"qualify\", 'primary' AS primary FROM t",
       "SELECT t.\"check\", \"qualify\", 'primary' AS \"primary\" FROM t"},
      {"SELECT 1 FROM t TABLESAMPLE BERNOULLI (10)", "SELECT 1 FROM t TABLESAMPLE BERNOULLI (10 PERCENT)"},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(Adapt(sql), expected);
}

TEST(Dialect, LeavesOtherTextAlone) {
  for (const char* sql :
       {"SELECT 'VALUES 1', \"every\" -- X'65'\nFROM a.b.c WHERE d >= DATE '1995-01-01' + INTERVAL '1' YEAR "
        "LIMIT 1",
        "SELECT a FROM t OFFSET 1 ROWS FETCH FIRST 2 ROWS ONLY", "SELECT (", "VALUES (", "SELECT )",
        "WITH every(a) AS (SELECT 1) SELECT (SELECT 1 AS decimal) FROM every AS filter(b)"}) {
    EXPECT_EQ(Adapt(sql), sql);
  }
}

TEST(Dialect, LocationsAreThoseOfTheOriginal) {
  const std::string sql = "SELECT X'65',\n  DECIMAL '1.5', nosuch";
  const AdaptedQuery adapted = AdaptQuery({sql, {3, 10}});
  EXPECT_EQ(adapted.LocationOf(adapted.text().find("nosuch")), (ErrorLocation{4, 18}));
  EXPECT_EQ(adapted.LocationOf(0), (ErrorLocation{3, 10}));
  EXPECT_EQ(adapted.LocationOf(adapted.text().find("CAST")), (ErrorLocation{3, 17}));
  EXPECT_EQ(adapted.LocationOf(adapted.text().size() + 5).line, 4);
}

TEST(Dialect, BadLiterals) {
  EXPECT_THROW(Adapt("SELECT X'6'"), TrinoException);
  EXPECT_THROW(Adapt("SELECT X'6G'"), TrinoException);
  EXPECT_THROW(Adapt("SELECT DECIMAL 'x'"), TrinoException);
}

TEST(Dialect, MutatedTextIsAdaptedOrRefused) {
  const std::string seed =
      "SELECT listagg(a, ',') WITHIN GROUP (ORDER BY b), lag(a) IGNORE NULLS OVER (x), CAST(b AS "
      "ARRAY(DECIMAL)), "
      "X'65', DECIMAL '1.5', approx_distinct(f(a, 1)), every(b) FROM (VALUES 1, (2), ARRAY[3]) v(check)";
  const std::string alphabet = "'\"()[],.* xX\n";
  std::mt19937 random(13);
  for (int round = 0; round < 20000; ++round) {
    std::string text = seed;
    for (uint32_t i = random() % 8 + 1; i > 0; --i) {
      const size_t at = random() % text.size();
      if (random() % 2 == 0) {
        text[at] = alphabet[random() % alphabet.size()];
      } else {
        text.erase(at, random() % 6);
      }
    }
    try {
      const AdaptedQuery adapted = AdaptQuery({text, {1, 1}});
      adapted.LocationOf(random() % (adapted.text().size() + 1));
    } catch (const TrinoException& e) {
      EXPECT_EQ(e.error().code.type, ErrorType::kUserError);
    }
  }
}

}  // namespace
}  // namespace planaria::sql
