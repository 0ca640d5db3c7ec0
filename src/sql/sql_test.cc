#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "sql/statement.h"

namespace planaria::sql {
namespace {

using ::testing::ElementsAre;

template <typename T>
T Get(std::string_view sql) {
  return std::get<T>(ParseStatement(sql).body);
}

Error Failure(std::string_view sql) {
  try {
    ParseStatement(sql);
  } catch (const TrinoException& e) {
    return e.error();
  }
  ADD_FAILURE() << "parsed: " << sql;
  return {};
}

TEST(Statement, Queries) {
  EXPECT_EQ(Get<Query>("SELECT 1").text, "SELECT 1");
  EXPECT_EQ(Get<Query>(" /* {\"app\": \"dbt\"} */\n  select ';' ; -- end").text, "select ';'");
  EXPECT_EQ(Get<Query>("--c\n  VALUES 1").location, (ErrorLocation{2, 3}));
  for (const char* sql : {"WITH a AS (SELECT 1) TABLE a", "TABLE t", "(SELECT 1)", "VALUES 1, 2"}) {
    EXPECT_EQ(Get<Query>(sql).text, sql);
  }
}

TEST(Statement, Show) {
  EXPECT_EQ(Get<ShowCatalogs>("show catalogs like 'a''%'").like->pattern, "a'%");
  EXPECT_EQ(Get<ShowSchemas>("SHOW SCHEMAS FROM \"Cat\"").catalog, "cat");
  const auto tables = Get<ShowTables>("SHOW TABLES IN a.b LIKE 'x\\_%' ESCAPE '\\'");
  EXPECT_THAT(tables.schema->parts, ElementsAre("a", "b"));
  EXPECT_EQ(tables.like->escape, "\\");
  EXPECT_THAT(Get<ShowColumns>("SHOW COLUMNS FROM t").table.parts, ElementsAre("t"));
  EXPECT_THAT(Get<ShowColumns>("DESC c.s.\"T.x\"").table.parts, ElementsAre("c", "s", "t.x"));
  EXPECT_THAT(Get<ShowColumns>("DESCRIBE output").table.parts, ElementsAre("output"));
  EXPECT_THAT(Get<ShowFunctions>("SHOW FUNCTIONS FROM c.s").schema->parts, ElementsAre("c", "s"));
  EXPECT_FALSE(Get<ShowSession>("SHOW SESSION").like);
  EXPECT_EQ(Get<ShowCreate>("SHOW CREATE MATERIALIZED VIEW v").kind, ShowCreateKind::kMaterializedView);
}

TEST(Statement, Session) {
  EXPECT_EQ(Get<Use>("USE tpch.tiny").catalog, "tpch");
  EXPECT_EQ(Get<Use>("use \"S\"").schema, "s");
  const auto set = Get<SetSession>("SET SESSION tpch.x = -5");
  EXPECT_EQ(set.name.ToString(), "tpch.x");
  EXPECT_EQ(set.value.text, "-5");
  EXPECT_EQ(Get<SetSession>("SET SESSION retry_policy = 'TASK'").value.kind, LiteralKind::kString);
  EXPECT_EQ(Get<SetSession>("SET SESSION a = TRUE").value.text, "true");
  EXPECT_EQ(Get<ResetSession>("RESET SESSION a").name.ToString(), "a");
  EXPECT_EQ(Get<SetTimeZone>("SET TIME ZONE 'Europe/Paris'").zone, "Europe/Paris");
  EXPECT_FALSE(Get<SetTimeZone>("SET TIME ZONE LOCAL").zone);
  EXPECT_EQ(Get<StartTransaction>("START TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY").isolation,
            "READ COMMITTED");
  Get<Commit>("COMMIT WORK");
  Get<Rollback>("rollback");
}

TEST(Statement, ExplainHoldsItsStatement) {
  const auto explain = Get<Explain>("EXPLAIN (TYPE IO, FORMAT JSON) SELECT 1;");
  EXPECT_EQ(explain.type, ExplainType::kIo);
  EXPECT_EQ(explain.format, ExplainFormat::kJson);
  EXPECT_EQ(std::get<Query>(explain.statement->body).location.column, 32);
  EXPECT_TRUE(Get<Explain>("EXPLAIN ANALYZE VERBOSE TABLE t").verbose);
  EXPECT_EQ(Get<Explain>("EXPLAIN (SELECT 1)").statement->text, "(SELECT 1)");
}

TEST(Statement, Prepared) {
  EXPECT_EQ(Get<Prepare>("PREPARE st_1 FROM SHOW CREATE TABLE c.s.t;").sql, "SHOW CREATE TABLE c.s.t");
  const auto execute =
      Get<Execute>("EXECUTE _trino_go USING 'a,b', ARRAY[1, 2], ROW(1,')'), DOUBLE '1.5', NULL");
  EXPECT_EQ(execute.name, "_trino_go");
  EXPECT_THAT(execute.parameters, ElementsAre("'a,b'", "ARRAY[1, 2]", "ROW(1,')')", "DOUBLE '1.5'", "NULL"));
  const auto immediate = Get<ExecuteImmediate>("EXECUTE IMMEDIATE 'SELECT ''x'', ?' USING 1");
  EXPECT_EQ(immediate.sql, "SELECT 'x', ?");
  EXPECT_EQ(Get<Deallocate>("DEALLOCATE PREPARE p").name, "p");
  EXPECT_EQ(Get<DescribeInput>("DESCRIBE INPUT p").name, "p");
  EXPECT_EQ(Get<DescribeOutput>("DESCRIBE OUTPUT p").name, "p");
  EXPECT_EQ(SubstituteParameters("SELECT ?, '?', - ? -- ?", {"1", "-2"}), "SELECT  1 , '?', - (-2) -- ?");
  EXPECT_EQ(CountParameters("SELECT \"?\", ?"), 1u);
  try {
    SubstituteParameters("SELECT ?", {});
    FAIL();
  } catch (const TrinoException& e) {
    EXPECT_EQ(e.error().code, errors::INVALID_PARAMETER_USAGE);
    EXPECT_STREQ(e.what(), "line 1:1: Incorrect number of parameters: expected 1 but found 0");
  }
}

TEST(Statement, Call) {
  const auto call = Get<Call>("CALL system.runtime.kill_query(query_id => '2026_1', message => 'stop')");
  EXPECT_EQ(call.procedure.ToString(), "system.runtime.kill_query");
  EXPECT_EQ(call.arguments[0].name, "query_id");
  EXPECT_EQ(call.arguments[1].value.text, "stop");
  EXPECT_TRUE(Get<Call>("CALL p()").arguments.empty());
}

TEST(Statement, Errors) {
  const Error error = Failure("SHOW\n  THINGS");
  EXPECT_EQ(error.code, errors::SYNTAX_ERROR);
  EXPECT_EQ(error.location, (ErrorLocation{2, 3}));
  EXPECT_EQ(error.message,
            "line 2:3: mismatched input 'THINGS'. Expecting: 'CATALOGS', 'COLUMNS', 'CREATE', 'CURRENT', "
            "'FUNCTIONS', 'GRANTS', 'ROLE', 'ROLES', 'SCHEMAS', 'SESSION', 'STATS', 'TABLES'");
  EXPECT_EQ(Failure("USE a.b.c").message, "line 1:8: mismatched input '.'. Expecting: <EOF>");
  EXPECT_EQ(Failure("COMMIT; COMMIT").message, "line 1:7: mismatched input ';'. Expecting: 'WORK', <EOF>");
  EXPECT_EQ(Failure("SELECT 'a").message,
            "line 1:8: mismatched input '''. Expecting: '*', 'ALL', 'DISTINCT', <expression>");
  EXPECT_EQ(Failure(std::string("SELECT 1 \0 + 1", 14)).location, (ErrorLocation{1, 10}));
  EXPECT_TRUE(Failure("").message.starts_with("line 1:1: mismatched input '<EOF>'. Expecting: 'ALTER'"));
  EXPECT_EQ(Failure("create or replace view t as select 1").message,
            "line 1:1: CREATE VIEW is not supported");
  EXPECT_EQ(Failure("GRANT SELECT ON t TO u").code, errors::NOT_SUPPORTED);
}

TEST(Statement, WhatOnlyTheParserKnowsIsNotSupported) {
  const auto refused = [](std::string_view sql, std::string_view message) {
    const Error error = Failure(sql);
    EXPECT_EQ(error.code, errors::NOT_SUPPORTED) << sql;
    EXPECT_EQ(error.message, message);
  };
  refused("SHOW STATS FOR t", "line 1:1: SHOW STATS is not supported");
  refused("SET SESSION a = 1 + 1", "line 1:19: SET SESSION is not supported in this form");
  refused("SHOW TABLES FROM a.b.c", "line 1:18: SHOW TABLES is not supported in this form");
  refused("CREATE CATALOG c USING memory", "line 1:1: CREATE CATALOG is not supported");
  refused("COMMENT ON TABLE t IS 'x'", "line 1:1: COMMENT is not supported");
  refused("SELECT 1 FROM a JOIN b MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true) ON x",
          "line 1:22: MATCH_RECOGNIZE is not supported");
  refused("EXPLAIN WITH a AS (SELECT * FROM TABLE(f(1))) TABLE a",
          "line 1:34: A table function is not supported");
  refused("INSERT INTO t SELECT 1 UNION CORRESPONDING SELECT 2", "line 1:24: CORRESPONDING is not supported");
  refused("SELECT * FROM t FOR VERSION AS OF 1", "line 1:15: FOR VERSION AS OF is not supported");
  refused("WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()", "line 1:1: WITH FUNCTION is not supported");
  refused("ALTER FOO a SET AUTHORIZATION b", "line 1:1: ALTER is not supported");
}

TEST(Statement, Definitions) {
  const auto create = Get<CreateTable>(
      "CREATE TABLE IF NOT EXISTS C.s.\"T\" (a bigint NOT NULL COMMENT 'x', b timestamp(3) with time zone, "
      "c row(x bigint, y varchar)) COMMENT 'it''s' WITH (n = 1, s = 'a', l = ARRAY['b', 'c'])");
  EXPECT_EQ(create.table.name.ToString(), "c.s.t");
  EXPECT_TRUE(create.table.if_not_exists);
  EXPECT_EQ(create.table.comment, "it's");
  EXPECT_EQ(create.table.properties, (Properties{{"n", "1"}, {"s", "'a'"}, {"l", "ARRAY [ 'b' , 'c' ]"}}));
  ASSERT_EQ(create.columns.size(), 3u);
  EXPECT_FALSE(create.columns[0].nullable);
  EXPECT_EQ(create.columns[1].type, "timestamp ( 3 ) with time zone");
  EXPECT_EQ(create.columns[2].type, "row ( x bigint , y varchar )");

  const auto as = Get<CreateTableAs>("CREATE OR REPLACE TABLE t (a, b) AS (SELECT 1, 2) WITH NO DATA");
  EXPECT_TRUE(as.table.replace);
  EXPECT_EQ(as.aliases, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(as.query.text, "(SELECT 1, 2) ");
  EXPECT_FALSE(as.with_data);
  EXPECT_TRUE(Get<CreateTableAs>("CREATE TABLE t AS SELECT 1 data").with_data);

  EXPECT_TRUE(Get<DropTable>("DROP TABLE IF EXISTS t").if_exists);
  EXPECT_TRUE(Get<DropSchema>("DROP SCHEMA c.s CASCADE").cascade);
  EXPECT_EQ(Get<CreateSchema>("CREATE SCHEMA c.s").name.ToString(), "c.s");
  EXPECT_EQ(Get<TruncateTable>("TRUNCATE TABLE t").name.ToString(), "t");
  EXPECT_EQ(Get<Modify>("DELETE FROM t WHERE a = ?").statement.text, "DELETE FROM t WHERE a = ?");
}

TEST(Statement, MutatedTextParsesOrFailsWithALocation) {
  const std::string seeds[] = {
      "EXPLAIN (TYPE IO, FORMAT JSON) PREPARE p FROM SELECT 'a', ? FROM \"t\" -- c\n",
      "EXECUTE IMMEDIATE 'SELECT ?' USING ARRAY[1,(2)], X'65', U&'\\2603'",
      "SHOW TABLES FROM a.b LIKE 'x' ESCAPE '\\'", "CALL a.b(c => -1.5e3, 'x')"};
  const std::string alphabet = "'\"()[],;?*/-.= xXuU&019_\n";
  std::mt19937 random(11);
  for (int round = 0; round < 40000; ++round) {
    std::string text = seeds[random() % std::size(seeds)];
    for (uint32_t i = random() % 6 + 1; i > 0 && !text.empty(); --i) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          text.erase(at, random() % 6);
      }
    }
    try {
      ParseStatement(text);
    } catch (const TrinoException& e) {
      EXPECT_EQ(e.error().code.type, ErrorType::kUserError) << text;
      EXPECT_TRUE(e.error().location.has_value()) << text;
    }
  }
}

}  // namespace
}  // namespace planaria::sql
