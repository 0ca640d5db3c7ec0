#include "sql/lowering/lowering.h"

#include <gtest/gtest.h>

#include "sql/parse.h"

namespace planaria::sql {
namespace {

std::string Lowered(std::string_view sql) { return Lower(*Parse(sql), {}).text(); }

Error Failure(std::string_view sql) {
  try {
    Lowered(sql);
  } catch (const TrinoException& e) {
    return e.error();
  }
  ADD_FAILURE() << "lowered: " << sql;
  return {};
}

TEST(Lowering, SaysTheSameInDuckDbsWords) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"VALUES 1, (2), (3)+1, (4, 5) ORDER BY 1",
       "VALUES (1), (2), ((3 + 1)), (4, 5) ORDER BY 1 ASC NULLS LAST"},
      {"SELECT X'68 69', x''", "SELECT CAST('\\x68\\x69' AS BLOB), CAST('' AS BLOB)"},
      {"SELECT DECIMAL '-01.50', 1_000.5, 0x1F, -9223372036854775808",
       "SELECT CAST('-01.50' AS DECIMAL(3,2)), CAST('1000.5' AS DECIMAL(5,1)), 31, "
       "CAST('-9223372036854775808' AS BIGINT)"},
      {"SELECT DOUBLE '1', 1.5e0, BIGINT '5'", "SELECT CAST('1' AS DOUBLE), (1.5e+00), CAST('5' AS BIGINT)"},
      {"SELECT CAST(a AS DECIMAL), TRY_CAST(a AS decimal(4,1))",
       "SELECT CAST(\"a\" AS DECIMAL(38,0)), TRY_CAST(\"a\" AS DECIMAL(4,1))"},
      {"SELECT TIMESTAMP '2024-01-01 00:00:00 UTC', TIMESTAMP '2024-01-01 00:00:00.5', TIMESTAMP "
       "'2024-01-01'",
       "SELECT trino_zoned_of_literal('2024-01-01 00:00:00 UTC'), CAST('2024-01-01 00:00:00.5' AS "
       "TIMESTAMP), "
       "CAST('2024-01-01' AS TIMESTAMP)"},
      {"SELECT CAST(NULL AS ARRAY(ARRAY(integer))), ARRAY[1], a[2], CAST(b AS row(x bigint, varchar(3)))",
       "SELECT CAST(NULL AS INTEGER[][]), [1], (\"a\")[2], CAST(\"b\" AS STRUCT(\"x\" BIGINT, \"field2\" "
       "VARCHAR))"},
      {"SELECT CAST(a AS timestamp), CAST(a AS timestamp(6) with time zone), CAST(a AS map(varchar, double))",
       "SELECT CAST(\"a\" AS TIMESTAMP_MS), CAST(\"a\" AS UHUGEINT), CAST(\"a\" AS MAP(VARCHAR, DOUBLE))"},
      {"SELECT lag(a) IGNORE NULLS OVER (PARTITION BY c ORDER BY b ROWS 2 PRECEDING)",
       "SELECT \"lag\"(\"a\" IGNORE NULLS) OVER ( PARTITION BY \"c\" ORDER BY \"b\" ASC NULLS LAST ROWS 2 "
       "PRECEDING)"},
      {"SELECT listagg(a, ',') WITHIN GROUP (ORDER BY b) FROM t",
       "SELECT listagg(\"a\", ',' ORDER BY \"b\" ASC NULLS LAST) FROM \"t\""},
      {"SELECT approx_distinct(a), -infinity()",
       "SELECT \"approx_count_distinct\"(\"a\"), (-CAST('infinity' AS DOUBLE))"},
      {"SELECT count(*) FILTER (WHERE a > 1), filter(a, x -> x > 1)",
       "SELECT \"count\"(*) FILTER (WHERE (\"a\" > 1)), \"list_filter\"(\"a\", (lambda \"x\": (\"x\" > 1)))"},
      {"SELECT t.check, 'primary' AS primary FROM s.t AS t TABLESAMPLE BERNOULLI (10)",
       "SELECT \"t\".\"check\", 'primary' AS \"primary\" FROM \"s\".\"t\" AS \"t\" TABLESAMPLE BERNOULLI (10 "
       "PERCENT)"},
      {"SELECT a || b, concat(a, b, c)", "SELECT (\"a\" || \"b\"), (\"a\" || \"b\" || \"c\")"},
      {"SELECT INTERVAL '1-2' YEAR TO MONTH, INTERVAL -'3' DAY, INTERVAL '1 02:03:04.5' DAY TO SECOND",
       "SELECT CAST('14 months' AS INTERVAL), CAST('-3 days' AS INTERVAL), CAST('1 days 7384500 "
       "milliseconds' "
       "AS INTERVAL)"},
      {"SELECT a NOT IN (1, 2), a NOT LIKE 'b' ESCAPE '!', a IS NOT DISTINCT FROM b, NOT a",
       "SELECT (\"a\" NOT IN (1, 2)), (\"a\" NOT LIKE 'b' ESCAPE '!'), (\"a\" IS NOT DISTINCT FROM \"b\"), "
       "(NOT "
       "\"a\")"},
      {"SELECT EXTRACT(DOW FROM a), TRIM(LEADING 'x' FROM a), IF(a, 1), TRY(b)",
       "SELECT EXTRACT(isodow FROM \"a\"), ltrim(\"a\", 'x'), CASE WHEN \"a\" THEN 1 END, TRY(\"b\")"},
      {"SELECT a > ALL (SELECT 1), EXISTS (TABLE t), a IN (SELECT 2)",
       "SELECT (\"a\" > ALL (SELECT 1)), EXISTS (SELECT * FROM \"t\"), (\"a\" IN (SELECT 2))"},
      {"SELECT 1 UNION SELECT 2 UNION SELECT 3 INTERSECT SELECT 4",
       "SELECT 1 UNION SELECT 2 UNION (SELECT 3 INTERSECT SELECT 4)"},
      {"(SELECT 1 UNION SELECT 2 LIMIT 1) OFFSET 2 LIMIT 3",
       "SELECT * FROM (SELECT 1 UNION SELECT 2 LIMIT 1) LIMIT 3 OFFSET 2"},
      {"SELECT a AS b FROM t ORDER BY b DESC FETCH FIRST 3 ROWS WITH TIES",
       "SELECT \"a\" AS \"b\" FROM \"t\" QUALIFY rank() OVER (ORDER BY \"a\" DESC NULLS LAST) <= 3 ORDER BY "
       "\"b\" "
       "DESC NULLS LAST"},
      {"SELECT 1 FROM t GROUP BY GROUPING SETS ((), (a, b)), CUBE (a, (b, c)), (d, e)",
       "SELECT 1 FROM \"t\" GROUP BY GROUPING SETS ((), (\"a\", \"b\")), CUBE ((\"a\"), (\"b\", \"c\")), "
       "\"d\", "
       "\"e\""},
      {"SELECT 1 FROM t CROSS JOIN UNNEST(t.a, t.b) WITH ORDINALITY AS u (x, y, n)",
       "SELECT 1 FROM \"t\" CROSS JOIN LATERAL (SELECT UNNEST(\"t\".\"a\"), UNNEST(\"t\".\"b\"), "
       "UNNEST(range(1, 1 "
       "+ greatest(len(\"t\".\"a\"), len(\"t\".\"b\"))))) AS \"u\"(\"x\", \"y\", \"n\")"},
      {"WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r, (a JOIN b USING "
       "(c)) x",
       "WITH RECURSIVE \"r\"(\"n\") AS (SELECT 1 UNION ALL SELECT (\"n\" + 1) FROM \"r\") SELECT * FROM "
       "\"r\", "
       "(\"a\" INNER JOIN \"b\" USING (\"c\")) AS \"x\""},
      {"INSERT INTO s.t (a) VALUES 1", "INSERT INTO \"s\".\"t\" (\"a\") VALUES (1)"},
      {"UPDATE t SET a = 1 WHERE b", "UPDATE \"t\" SET \"a\" = 1 WHERE \"b\""},
      {"MERGE INTO t AS x USING s ON a = b WHEN MATCHED AND c THEN DELETE WHEN NOT MATCHED THEN INSERT (a) "
       "VALUES "
       "(1)",
       "MERGE INTO \"t\" AS \"x\" USING \"s\" ON (\"a\" = \"b\") WHEN MATCHED AND \"c\" THEN DELETE WHEN NOT "
       "MATCHED THEN INSERT (\"a\") VALUES (1)"},
      {"CREATE TABLE t AS (SELECT 1 a) WITH NO DATA", "(SELECT 1 AS \"a\")"},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(Lowered(sql), expected) << sql;
}

TEST(Lowering, ParametersStandWhereTheirMarksAre) {
  const ast::StatementPtr execute = Parse("EXECUTE p USING 'x', -2, 3");
  const auto& values = std::get<ast::Execute>(execute->node).parameters;
  const ast::StatementPtr query = Parse("SELECT ?, -? FROM t LIMIT ?");
  EXPECT_EQ(query->parameters, 3u);
  EXPECT_EQ(Lower(*query, values).text(), "SELECT 'x', (-(-2)) FROM \"t\" LIMIT 3");
}

TEST(Lowering, LocationsAreThoseOfTheStatement) {
  const LoweredQuery lowered = Lower(*Parse("SELECT X'65',\n  DECIMAL '1.5', nosuch + 1"), {});
  EXPECT_EQ(lowered.LocationOf(lowered.text().find("\"nosuch\"")), (ErrorLocation{2, 18}));
  EXPECT_EQ(lowered.LocationOf(0), (ErrorLocation{1, 1}));
  EXPECT_EQ(lowered.LocationOf(lowered.text().find("CAST")), (ErrorLocation{1, 8}));
  EXPECT_EQ(lowered.LocationOf(lowered.text().find(" + ")), (ErrorLocation{2, 25}));
  EXPECT_EQ(lowered.LocationOf(lowered.text().size() + 5).line, 2);
}

TEST(Lowering, WhatIsNotThereIsNamed) {
  const auto refused = [](std::string_view sql, std::string_view message) {
    const Error error = Failure(sql);
    EXPECT_EQ(error.code, errors::NOT_SUPPORTED) << sql;
    EXPECT_EQ(error.message, message);
  };
  refused("SELECT 1 FROM a JOIN b MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true) ON x",
          "line 1:22: MATCH_RECOGNIZE is not supported");
  refused("WITH a AS (SELECT * FROM TABLE(f(1))) TABLE a", "line 1:26: A table function is not supported");
  refused("INSERT INTO t SELECT 1 UNION CORRESPONDING SELECT 2", "line 1:24: CORRESPONDING is not supported");
  refused("SELECT * FROM t FOR VERSION AS OF 1", "line 1:15: FOR VERSION AS OF is not supported");
  refused("WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()", "line 1:1: WITH FUNCTION is not supported");
  refused("SELECT JSON_EXISTS(a, 'lax $')", "line 1:8: JSON_EXISTS is not supported");
  refused("SELECT CAST(a AS geometry)", "line 1:18: The type geometry is not supported");
  refused("SHOW STATS FOR t", "line 1:1: SHOW STATS is not supported");
}

TEST(Lowering, BadLiteralsAndTypes) {
  EXPECT_EQ(Failure("SELECT DECIMAL 'x'").message, "line 1:8: 'x' is not a valid DECIMAL literal");
  EXPECT_EQ(Failure("SELECT 1, INTERVAL '1 2' DAY").message,
            "line 1:11: '1 2' is not a valid INTERVAL literal");
  EXPECT_EQ(Failure("SELECT CAST(1 AS nosuch(3))").code, errors::TYPE_NOT_FOUND);
  EXPECT_EQ(Failure("SELECT CAST(1 AS decimal(39))").message,
            "line 1:18: DECIMAL precision must be in range [1, 38]: 39");
}

}  // namespace
}  // namespace planaria::sql
