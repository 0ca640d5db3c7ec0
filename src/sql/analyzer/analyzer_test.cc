#include "sql/analyzer/analyzer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "sql/parse.h"

namespace planaria::sql {
namespace {

using Kind = TypeKind;

/// c.s.t (a integer, b bigint, d decimal(12,2), s varchar, day date, x double) and c.s.u (a bigint, v
/// varchar).
class Tables : public Metadata {
 public:
  bool HasCatalog(const std::string& catalog) const override { return catalog == "c"; }
  bool HasSchema(const std::string&, const std::string& schema) const override { return schema == "s"; }
  std::optional<std::vector<TableColumn>> FindTable(const std::string& catalog, const std::string& schema,
                                                    const std::string& table) const override {
    if (catalog != "c" || schema != "s") return std::nullopt;
    if (table == "t") {
      return std::vector<TableColumn>{{"a", Type::Of(Kind::kInteger)}, {"b", Type::Of(Kind::kBigint)},
                                      {"d", Type::Decimal(12, 2)},     {"s", Type::Varchar()},
                                      {"day", Type::Of(Kind::kDate)},  {"x", Type::Of(Kind::kDouble)}};
    }
    if (table == "u") {
      return std::vector<TableColumn>{{"a", Type::Of(Kind::kBigint)}, {"v", Type::Varchar()}};
    }
    return std::nullopt;
  }
};

std::optional<AnalyzedQuery> Analyzed(std::string_view sql) {
  return Analyze(*Parse(sql), {}, {"c", "s"}, Tables());
}

/// `name type, name type`
std::string Columns(std::string_view sql) {
  const auto analyzed = Analyzed(sql);
  if (!analyzed) return "not analysed";
  std::string text;
  for (const OutputColumn& column : analyzed->columns) {
    text += (text.empty() ? "" : ", ") + column.name + " " + column.type.ToString();
  }
  return text;
}

std::string TypeOfExpression(const std::string& expression) {
  const std::string columns = Columns("SELECT " + expression + " AS e FROM t");
  return columns.starts_with("e ") ? columns.substr(2) : columns;
}

std::string Text(const std::string& expression) {
  const auto analyzed = Analyzed("SELECT " + expression + " AS e FROM t");
  if (!analyzed) return "not analysed";
  const std::string& sql = analyzed->sql.text();
  return sql.substr(7, sql.find(" AS \"e\" FROM") - 7);
}

/// `NAME: message`
std::string Failure(std::string_view sql) {
  try {
    if (!Analyzed(sql)) return "not analysed";
  } catch (const TrinoException& e) {
    return e.error().ToString();
  }
  return "analysed";
}

TEST(Analyzer, OutputColumnsAreTrinos) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"SELECT 1, 'abc', 1.50, NULL, true, 1e0, 3000000000",
       "_col0 integer, _col1 varchar(3), _col2 decimal(3,2), _col3 unknown, _col4 boolean, _col5 double, "
       "_col6 "
       "bigint"},
      {"SELECT * FROM u", "a bigint, v varchar"},
      {"SELECT A, u.V x, count(*) FROM u GROUP BY 1, 2", "A bigint, x varchar, _col2 bigint"},
      {"SELECT sum(a), sum(d), sum(x), avg(a), avg(d), min(s), count(s) FROM t",
       "_col0 bigint, _col1 decimal(38,2), _col2 double, _col3 double, _col4 decimal(12,2), _col5 varchar, "
       "_col6 "
       "bigint"},
      {"SELECT * FROM t JOIN u USING (a)",
       "a bigint, b bigint, d decimal(12,2), s varchar, day date, x double, v "
       "varchar"},
      {"SELECT * FROM (SELECT a, a FROM t) AS q (x, y)", "x integer, y integer"},
      {"WITH q (n) AS (SELECT a FROM t) SELECT n + 1 AS m FROM q", "m integer"},
      {"SELECT a FROM t UNION SELECT a FROM u", "a bigint"},
      {"VALUES (1, 'a'), (2, NULL)", "_col0 integer, _col1 varchar(1)"},
      {"SELECT rank() OVER (ORDER BY a) r, lag(s) OVER (ORDER BY a) FROM t", "r bigint, _col1 varchar"},
      {"SELECT a = ANY (SELECT a FROM u), count(*) FROM t GROUP BY 1", "_col0 boolean, _col1 bigint"},
      {"WITH RECURSIVE r (n) AS (SELECT a FROM t UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r",
       "n integer"},
      {"SELECT MAP(ARRAY['k'], ARRAY[1]) m, ROW(1, 'x') r",
       "m map(varchar(1), integer), r row(integer, varchar(1))"},
      {"SELECT (SELECT max(v) FROM u WHERE u.a = t.a) FROM t", "_col0 varchar"},
  };
  for (const auto& [sql, expected] : cases) EXPECT_EQ(Columns(sql), expected) << sql;
  // Both t.x and u.x.
  EXPECT_EQ(Failure("SELECT x FROM t CROSS JOIN UNNEST(ARRAY[a, b]) AS u (x)"),
            "AMBIGUOUS_NAME: line 1:8: Column 'x' is ambiguous");
  EXPECT_EQ(Columns("SELECT u.x, n FROM t CROSS JOIN UNNEST(ARRAY[a, b]) WITH ORDINALITY AS u (x, n)"),
            "x bigint, n bigint");
}

TEST(Analyzer, TypesOfExpressionsAreTrinos) {
  const std::pair<std::string, std::string> cases[] = {
      {"a + b", "bigint"},
      {"a / 2", "integer"},
      {"a + x", "double"},
      {"d * d", "decimal(24,4)"},
      {"d + 1", "decimal(13,2)"},
      {"1 - d", "decimal(13,2)"},
      {"d / 3", "decimal(12,2)"},
      {"d / d", "decimal(14,2)"},
      {"d % 7", "decimal(12,2)"},
      {"DECIMAL '1.0' / DECIMAL '3.00'", "decimal(5,2)"},
      {"day + INTERVAL '1' DAY", "date"},
      {"day - day", "interval day to second"},
      {"TIMESTAMP '2020-01-01 00:00:00.1234' - INTERVAL '1' MONTH", "timestamp(4)"},
      {"s || 'x'", "varchar"},
      {"substr('abcde', 2)", "varchar(5)"},
      {"CASE WHEN a = 1 THEN 'x' ELSE 'yyy' END", "varchar(3)"},
      {"coalesce(a, 1.5)", "decimal(11,1)"},
      {"nullif(a, b)", "integer"},
      {"IF(true, a, b)", "bigint"},
      {"ARRAY[1, NULL, 2.5]", "array(decimal(11,1))"},
      {"CAST(s AS varchar(3))", "varchar(3)"},
      {"abs(a)", "integer"},
      {"round(d)", "decimal(11,0)"},
      {"round(d, 1)", "decimal(13,2)"},
      {"year(day)", "bigint"},
      {"date_trunc('month', day)", "date"},
      {"date_diff('day', day, day)", "bigint"},
      {"approx_distinct(a) OVER ()", "bigint"},
      {"typeof(a)", "varchar"},
      {"EXTRACT(DOW FROM day)", "bigint"},
      {"0.05", "decimal(2,2)"},
      {"DECIMAL '-0.05'", "decimal(2,2)"},
      {"DECIMAL '0.05'", "decimal(2,2)"},
      {"(SELECT x FROM (VALUES DECIMAL '0.05', DECIMAL '0.06') t (x))", "decimal(2,2)"},
      {"avg(DECIMAL '0.05')", "decimal(2,2)"},
      {"0.5", "decimal(1,1)"},
  };
  for (const auto& [expression, expected] : cases) {
    EXPECT_EQ(TypeOfExpression(expression), expected) << expression;
  }
}

/// tests/oracle/functions: expression, the kernel's, type or `!`, value or error, with tabs between.
TEST(Analyzer, TypesAreWhatTrinoRecorded) {
  size_t analyzed = 0;
  size_t known = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(PLANARIA_SOURCE_DIR "/tests/oracle/functions")) {
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      const size_t first = line.find('\t');
      const size_t second = line.find('\t', first + 1);
      const size_t third = line.find('\t', second + 1);
      if (third == std::string::npos) continue;
      std::string type = line.substr(second + 1, third - second - 1);
      if (type == "!") continue;
      std::erase(type, ' ');
      ++known;
      const std::string expression = line.substr(0, first);
      const std::string failure = Failure("SELECT " + expression);
      if (failure == "not analysed") continue;
      ASSERT_EQ(failure, "analysed") << expression;
      std::string found = Analyzed("SELECT " + expression)->columns[0].type.ToString();
      std::erase(found, ' ');
      EXPECT_EQ(found, type) << expression;
      ++analyzed;
    }
  }
  std::cout << analyzed << " of " << known << " recorded expressions are analysed\n";
  EXPECT_GT(analyzed, 190u);
}

TEST(Analyzer, NothingIsLeftToGuess) {
  const std::pair<std::string, std::string> cases[] = {
      {"a / b", "trino_divide(CAST(\"t\".\"a\" AS bigint), \"t\".\"b\")"},
      {"a = b", "(CAST(\"t\".\"a\" AS bigint) = \"t\".\"b\")"},
      {"d < 24", "(\"t\".\"d\" < CAST(24 AS decimal(4,2)))"},
      {"s = 'x'", "(\"t\".\"s\" = 'x')"},
      {"sum(a)", "CAST(\"sum\"(CAST(\"t\".\"a\" AS bigint)) AS BIGINT)"},
      {"day - INTERVAL '90' DAY",
       "CAST((\"t\".\"day\" - trino_whole_days(CAST('90 days' AS INTERVAL), false)) AS date)"},
      {"day NOT BETWEEN DATE '2020-01-01' AND day",
       "(\"t\".\"day\" NOT BETWEEN CAST('2020-01-01' AS DATE) AND \"t\".\"day\")"},
      {"count(DISTINCT a) FILTER (WHERE a > 1)",
       "\"count\"(DISTINCT \"t\".\"a\") FILTER (WHERE (\"t\".\"a\" > 1))"},
      {"TRY_CAST(s AS bigint)", "TRY(trino_cast_to_bigint(\"t\".\"s\"))"},
      {"transform(ARRAY[a], a -> a + 1)", "list_transform([\"t\".\"a\"], lambda \"a\": (\"a\" + 1))"},
      {"ARRAY[a][1]", "trino_subscript([\"t\".\"a\"], CAST(1 AS bigint))"},
      {"CAST(ARRAY[s] AS array(bigint))",
       "list_transform([\"t\".\"s\"], lambda \"element 1\": trino_cast_to_bigint(\"element 1\"))"},
      {"map_agg(s, a)", "trino_map_agg_of_entries(\"list\"(row(\"t\".\"s\", \"t\".\"a\")))"},
      {"avg(d)",
       "CAST(trino_divide(\"sum\"(\"t\".\"d\"), CAST(\"count\"(\"t\".\"d\") AS DECIMAL(19,0))) AS "
       "DECIMAL(12,2))"},
      {"typeof(1.0)", "'decimal(2,1)'"},
  };
  for (const auto& [expression, expected] : cases) EXPECT_EQ(Text(expression), expected) << expression;
  EXPECT_EQ(Analyzed("SELECT a + 1 AS b FROM t AS q ORDER BY b, q.b DESC")->sql.text(),
            "SELECT (\"q\".\"a\" + 1) AS \"b\" FROM \"c\".\"s\".\"t\" AS \"q\" ORDER BY 1 ASC NULLS LAST, "
            "\"q\".\"b\" DESC NULLS LAST");
  EXPECT_EQ(
      Analyzed("SELECT * FROM (SELECT a, a, a + 1 FROM t) JOIN u ON v = 'x'")->sql.text(),
      "SELECT \"query\".\"a\" AS \"a\", \"query\".\"a_2\" AS \"a\", \"query\".\"_col2\" AS \"_col2\", "
      "\"u\".\"a\" AS \"a\", \"u\".\"v\" AS \"v\" FROM (SELECT \"t\".\"a\" AS \"a\", \"t\".\"a\" AS \"a_2\", "
      "(\"t\".\"a\" + 1) AS \"_col2\" FROM \"c\".\"s\".\"t\" AS \"t\") AS \"query\" INNER JOIN "
      "\"c\".\"s\".\"u\" AS \"u\" ON ((\"u\".\"v\" = 'x'))");
}

TEST(Analyzer, WritesTakeAnalysedQueries) {
  EXPECT_EQ(
      Analyzed("INSERT INTO t (a, b) SELECT a / 2, NULL FROM t")->sql.text(),
      "INSERT INTO \"t\" (\"a\", \"b\") SELECT trino_divide(\"t\".\"a\", 2) AS \"_col0\", NULL AS \"_col1\" "
      "FROM \"c\".\"s\".\"t\" AS \"t\"");
  EXPECT_EQ(Analyzed("CREATE TABLE n AS SELECT a AS x FROM t")->sql.text(),
            "SELECT \"t\".\"a\" AS \"x\" FROM \"c\".\"s\".\"t\" AS \"t\"");
}

TEST(Analyzer, ChangesOfRowsAreAnalysed) {
  EXPECT_EQ(Analyzed("DELETE FROM t WHERE a = b")->sql.text(),
            "DELETE FROM \"c\".\"s\".\"t\" AS \"t\" WHERE (CAST(\"t\".\"a\" AS bigint) = \"t\".\"b\")");
  EXPECT_EQ(Analyzed("UPDATE t SET a = x / 2, s = 'y' WHERE d > 1")->sql.text(),
            "UPDATE \"c\".\"s\".\"t\" AS \"t\" SET \"a\" = trino_cast_to_integer((\"t\".\"x\" / CAST(2 AS "
            "double))), "
            "\"s\" = 'y' WHERE (\"t\".\"d\" > CAST(1 AS decimal(3,2)))");
  EXPECT_EQ(
      Analyzed(
          "MERGE INTO t AS q USING u ON q.b = u.a WHEN MATCHED AND v = 'x' THEN DELETE WHEN MATCHED THEN "
          "UPDATE SET s = v WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)")
          ->sql.text(),
      "MERGE INTO \"c\".\"s\".\"t\" AS \"q\" USING \"c\".\"s\".\"u\" AS \"u\" ON (\"q\".\"b\" = "
      "\"u\".\"a\") WHEN MATCHED AND (\"u\".\"v\" = 'x') THEN DELETE WHEN MATCHED THEN UPDATE SET \"s\" = "
      "\"u\".\"v\" WHEN NOT MATCHED THEN INSERT (\"a\") VALUES (trino_cast_to_integer(\"u\".\"a\"))");
  EXPECT_EQ(Failure("DELETE FROM t WHERE nosuch = 1"),
            "COLUMN_NOT_FOUND: line 1:21: Column 'nosuch' cannot be resolved");
}

TEST(Analyzer, ErrorsAreTrinos) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"SELECT nosuch FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved"},
      {"SELECT t.nosuch FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 't.nosuch' cannot be resolved"},
      {"SELECT 1 AS one FROM t WHERE one = 1",
       "COLUMN_NOT_FOUND: line 1:30: Column 'one' cannot be resolved"},
      {"SELECT a FROM t, u", "AMBIGUOUS_NAME: line 1:8: Column 'a' is ambiguous"},
      {"SELECT 1 FROM nosuch", "TABLE_NOT_FOUND: line 1:15: Table 'c.s.nosuch' does not exist"},
      {"SELECT 1 FROM x.t", "SCHEMA_NOT_FOUND: line 1:15: Schema 'x' does not exist"},
      {"SELECT 1 FROM x.s.t", "CATALOG_NOT_FOUND: line 1:15: Catalog 'x' not found"},
      {"SELECT 1 + 'x'", "TYPE_MISMATCH: line 1:10: Cannot apply operator: integer + varchar(1)"},
      {"SELECT a = s FROM t", "TYPE_MISMATCH: line 1:10: Cannot apply operator: integer = varchar"},
      {"SELECT 1 FROM t WHERE a",
       "TYPE_MISMATCH: line 1:23: WHERE clause must evaluate to a boolean: actual type "
       "integer"},
      {"SELECT a, count(*) FROM t",
       "EXPRESSION_NOT_AGGREGATE: line 1:8: 'a' must be an aggregate expression or appear in GROUP BY "
       "clause"},
      {"SELECT a + b FROM t GROUP BY a",
       "EXPRESSION_NOT_AGGREGATE: line 1:10: '(a + b)' must be an aggregate expression or appear in GROUP BY "
       "clause"},
      {"SELECT 1 FROM t WHERE count(*) > 1",
       "EXPRESSION_NOT_SCALAR: line 1:32: WHERE clause cannot contain aggregations, window functions or "
       "grouping "
       "operations: [count(*)]"},
      {"SELECT sum(count(*)) FROM t",
       "NESTED_AGGREGATION: line 1:8: Cannot nest aggregations inside aggregation 'sum': [count(*)]"},
      {"SELECT abs('x')", "FUNCTION_NOT_FOUND"},
      {"SELECT CAST(true AS date)", "TYPE_MISMATCH: line 1:8: Cannot cast boolean to date"},
      {"SELECT CASE WHEN true THEN 1 ELSE 'x' END",
       "TYPE_MISMATCH: line 1:8: All CASE results must be the same type or coercible to a common type. "
       "Cannot find "
       "common type between integer and varchar(1), all types (without duplicates): [integer, varchar(1)]"},
      {"SELECT 1 UNION SELECT 1, 2",
       "TYPE_MISMATCH: line 1:10: UNION query has different number of fields: 1, 2"},
      {"SELECT 1 UNION SELECT 'x'",
       "TYPE_MISMATCH: line 1:10: column 1 in UNION query has incompatible types: integer, varchar(1)"},
      {"SELECT DISTINCT a FROM t ORDER BY b",
       "EXPRESSION_NOT_IN_DISTINCT: line 1:35: For SELECT DISTINCT, ORDER BY expressions must appear in "
       "select list"},
      {"SELECT a FROM t ORDER BY 2",
       "INVALID_COLUMN_REFERENCE: line 1:26: ORDER BY position 2 is not in select list"},
      {"SELECT * FROM t AS q (a, b)",
       "MISMATCHED_COLUMN_ALIASES: line 1:15: Column alias list has 2 entries but 'q' has 6 columns "
       "available"},
      {"CREATE TABLE n AS SELECT 1",
       "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"},
      {"SELECT DATE '2023-02-29'", "INVALID_LITERAL: line 1:8: '2023-02-29' is not a valid DATE literal"},
      {"SELECT 1 FROM t NATURAL JOIN u", "NOT_SUPPORTED: line 1:15: Natural join not supported"},
      {"SELECT list_sort(ARRAY[1])", "FUNCTION_NOT_FOUND: line 1:8: Function 'list_sort' not registered"},
      {"SELECT lower(s) OVER () FROM t", "FUNCTION_NOT_WINDOW: line 1:8: Not a window function: lower"},
      {"SELECT filter(ARRAY[1], x -> x)", "FUNCTION_NOT_FOUND: line 1:8: "},
      {"SELECT ARRAY[1]['a']", "TYPE_MISMATCH: line 1:"},
      {"SELECT grouping(a) FROM t", "MISSING_GROUP_BY: line 1:8: "},
      {"SELECT BIGINT '1.5'", "INVALID_LITERAL: line 1:8: '1.5' is not a valid BIGINT literal"},
      {"SELECT TIMESTAMP '2020-01-01 25:00'", "INVALID_LITERAL: line 1:8: "},
      {"SELECT rank()", "MISSING_OVER: line 1:8: Window function rank requires an OVER clause"},
  };
  for (const auto& [sql, expected] : cases) {
    const std::string failure = Failure(sql);
    EXPECT_TRUE(failure.starts_with(expected)) << sql << "\n  gave " << failure << "\n  not  " << expected;
  }
}

TEST(Analyzer, WhatItDoesNotKnowIsLeftAlone) {
  for (const char* sql :
       {"SELECT listagg(s, ',' ON OVERFLOW TRUNCATE WITH COUNT) WITHIN GROUP (ORDER BY s) FROM t",
        "WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 2) SELECT * FROM r", "DROP TABLE t"}) {
    EXPECT_EQ(Failure(sql), "not analysed") << sql;
  }
}

}  // namespace
}  // namespace planaria::sql
