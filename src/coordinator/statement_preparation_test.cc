#include "coordinator/statement_preparation.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::coordinator {
namespace {

/// No tables: what the analyser does with them, its own tests tell.
class NoTables : public sql::Metadata {
 public:
  bool HasCatalog(const std::string&) const override { return true; }
  bool HasSchema(const std::string&, const std::string&) const override { return true; }
  std::optional<std::vector<sql::TableColumn>> FindTable(const std::string&, const std::string&,
                                                         const std::string&) const override {
    return std::vector<sql::TableColumn>{{"a", std::nullopt}};
  }
};

class StatementPreparationTest : public testing::Test {
 protected:
  PreparedStatement Prepare(const std::string& sql) {
    return PrepareStatement(session_, sql, SessionProperties(ServerConfig{}), {"tpch", "files"}, NoTables());
  }

  std::string MessageOf(const std::string& sql) {
    try {
      Prepare(sql);
    } catch (const TrinoException& exception) {
      return exception.error().message;
    }
    return "";
  }

  std::string ErrorOf(const std::string& sql) {
    try {
      Prepare(sql);
    } catch (const TrinoException& exception) {
      return std::string(exception.error().code.name);
    }
    return "none";
  }

  protocol::SessionHeaders session_;
};

TEST_F(StatementPreparationTest, QueriesAreLowered) {
  const auto prepared = Prepare("SELECT 1 AS x;");
  EXPECT_EQ(prepared.query, "SELECT 1 AS \"x\"");
  EXPECT_EQ(prepared.output_types, std::vector<sql::Type>{sql::Type::Of(sql::TypeKind::kInteger)});
  EXPECT_FALSE(prepared.update_type);
  EXPECT_FALSE(prepared.explain);
}

TEST_F(StatementPreparationTest, ShowBecomesAQuery) {
  EXPECT_NE(Prepare("SHOW CATALOGS").query->find("'system'"), std::string::npos);
  EXPECT_NE(Prepare("SHOW SCHEMAS FROM tpch LIKE 's%'").query->find("LIKE 's%'"), std::string::npos);
  EXPECT_EQ(ErrorOf("SHOW SCHEMAS"), "MISSING_CATALOG_NAME");
  EXPECT_EQ(ErrorOf("SHOW TABLES"), "MISSING_CATALOG_NAME");
  EXPECT_EQ(ErrorOf("SHOW SCHEMAS FROM nowhere"), "CATALOG_NOT_FOUND");
  session_.catalog = "tpch";
  EXPECT_EQ(ErrorOf("SHOW TABLES"), "MISSING_SCHEMA_NAME");
}

TEST_F(StatementPreparationTest, SessionStatementsChangeTheClientsSession) {
  session_.catalog = "tpch";
  const auto use = Prepare("USE tiny");
  EXPECT_FALSE(use.query);
  EXPECT_EQ(use.update_type, "USE");
  EXPECT_EQ(use.changes.schema, "tiny");
  EXPECT_EQ(use.required_schema_catalog, "tpch");
  const auto set = Prepare("SET SESSION retry_policy = 'TASK'");
  EXPECT_EQ(set.changes.set_properties.at("retry_policy"), "TASK");
  EXPECT_EQ(ErrorOf("SET SESSION nonsense = 1"), "INVALID_SESSION_PROPERTY");
  EXPECT_EQ(ErrorOf("SET SESSION nowhere.x = 1"), "CATALOG_NOT_FOUND");
  EXPECT_EQ(Prepare("SET SESSION spill_enabled = NOT false").changes.set_properties.at("spill_enabled"),
            "true");
  EXPECT_EQ(Prepare("SET SESSION query_priority = -5").changes.set_properties.at("query_priority"), "-5");
  EXPECT_EQ(
      MessageOf("SET SESSION query_max_run_time = 5"),
      "Unable to set session property 'query_max_run_time' to '5': Cannot cast type integer to varchar");
  EXPECT_EQ(
      MessageOf("SET SESSION spill_enabled = 'x'"),
      "Unable to set session property 'spill_enabled' to ''x'': Cannot cast type varchar(1) to boolean");
  EXPECT_EQ(
      MessageOf("SET SESSION spill_enabled = NULL"),
      "Unable to set session property 'spill_enabled' to 'null': Session property value must not be null");
  EXPECT_EQ(ErrorOf("SET SESSION query_max_run_time = 'x'"), "INVALID_SESSION_PROPERTY");
  EXPECT_EQ(Prepare("SET TIME ZONE INTERVAL -'2' HOUR").changes.set_properties.at("time_zone_id"), "-02:00");
  EXPECT_EQ(ErrorOf("SET TIME ZONE 5"), "TYPE_MISMATCH");
}

TEST_F(StatementPreparationTest, TransactionsAreControlled) {
  EXPECT_EQ(ErrorOf("START TRANSACTION"), "INCOMPATIBLE_CLIENT");
  session_.understands_transactions = true;
  const auto start = Prepare("START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY");
  EXPECT_EQ(start.transaction->isolation_level, "SERIALIZABLE");
  EXPECT_TRUE(start.transaction->read_only);
  EXPECT_EQ(ErrorOf("START TRANSACTION READ ONLY, READ WRITE"), "SYNTAX_ERROR");
  EXPECT_EQ(ErrorOf("COMMIT"), "NOT_IN_TRANSACTION");
  session_.transaction_id = "t";
  EXPECT_EQ(ErrorOf("START TRANSACTION"), "NOT_SUPPORTED");
  EXPECT_TRUE(Prepare("ROLLBACK").changes.cleared_transaction);
  session_.catalog = "files";
  session_.schema = "s";
  EXPECT_EQ(Prepare("CREATE TABLE tpch.tiny.t (a bigint)").written_catalog, "tpch");
  EXPECT_EQ(Prepare("DROP SCHEMA tpch.s").written_catalog, "tpch");
  EXPECT_EQ(Prepare("INSERT INTO t SELECT 1").written_catalog, "files");
  EXPECT_FALSE(Prepare("SELECT 1").written_catalog);
}

TEST_F(StatementPreparationTest, QueriesAreKilledByName) {
  const auto kill = Prepare("CALL system.runtime.kill_query(message => 'enough', query_id => 'q')");
  EXPECT_EQ(kill.kill->query_id, "q");
  EXPECT_EQ(kill.kill->message, "enough");
  EXPECT_EQ(kill.update_type, "CALL");
  EXPECT_EQ(Prepare("CALL system.runtime.kill_query('q')").kill->query_id, "q");
  EXPECT_EQ(ErrorOf("CALL system.runtime.kill_query()"), "INVALID_ARGUMENTS");
  EXPECT_EQ(ErrorOf("CALL system.runtime.kill_query('a', 'b', 'c')"), "INVALID_ARGUMENTS");
  EXPECT_EQ(ErrorOf("CALL system.runtime.kill_query(nosuch => 'x')"), "INVALID_ARGUMENTS");
  EXPECT_EQ(ErrorOf("CALL system.runtime.kill_query(query_id => 1)"), "TYPE_MISMATCH");
  EXPECT_EQ(ErrorOf("CALL system.runtime.nosuch()"), "PROCEDURE_NOT_FOUND");
}

TEST_F(StatementPreparationTest, OverridesReachTheSettings) {
  session_.session_properties["retry_policy"] = "NONE";
  EXPECT_EQ(Prepare("SELECT 1").settings.retry.policy, RetryPolicy::kNone);
  session_.session_properties["retry_policy"] = "SOMETIMES";
  EXPECT_EQ(ErrorOf("SELECT 1"), "INVALID_SESSION_PROPERTY");
}

TEST_F(StatementPreparationTest, PreparedStatementsTakeParameters) {
  session_.prepared_statements["p"] = "SELECT ? + ?";
  EXPECT_EQ(Prepare("EXECUTE p USING 1, 2").query, "SELECT (1 + 2) AS \"_col0\"");
  EXPECT_EQ(Prepare("EXECUTE IMMEDIATE 'SELECT ?' USING 'x'").query, "SELECT 'x' AS \"_col0\"");
  EXPECT_EQ(ErrorOf("EXECUTE p USING 1"), "INVALID_PARAMETER_USAGE");
  EXPECT_EQ(ErrorOf("EXECUTE q"), "NOT_FOUND");
  EXPECT_EQ(Prepare("PREPARE q FROM SELECT 2").changes.added_prepared.at("q"), "SELECT 2");
}

TEST_F(StatementPreparationTest, OutputIsDescribed) {
  session_.prepared_statements["p"] = "SELECT 'abc' AS x, 1 + ?";
  const std::string query = *Prepare("DESCRIBE OUTPUT p").query;
  EXPECT_NE(
      query.find("(0, 'x', '', '', '', 'varchar(3)', CAST(0 AS BIGINT), true), (1, '_col1', '', '', '', "
                 "'integer', CAST(4 AS BIGINT), false)"),
      std::string::npos)
      << query;
  session_.prepared_statements["q"] = "DROP TABLE t";
  EXPECT_NE(Prepare("DESCRIBE OUTPUT q").query->find("WHERE false"), std::string::npos);
}

TEST_F(StatementPreparationTest, DefinitionsAreKept) {
  const auto create = Prepare("CREATE TABLE t (a bigint)");
  EXPECT_TRUE(create.definition);
  EXPECT_FALSE(create.query);
  EXPECT_EQ(create.update_type, "CREATE TABLE");
  EXPECT_EQ(Prepare("DROP SCHEMA s CASCADE").update_type, "DROP SCHEMA");
  EXPECT_TRUE(Prepare("SHOW CREATE TABLE t").definition);
  const auto as = Prepare("CREATE TABLE t AS SELECT 1 a WITH NO DATA");
  EXPECT_TRUE(as.creation);
  EXPECT_EQ(as.query, "SELECT 1 AS \"a\"");
}

TEST_F(StatementPreparationTest, ExplainHoldsItsStatement) {
  const auto explain = Prepare("EXPLAIN (TYPE VALIDATE) SELECT 1");
  EXPECT_EQ(explain.query, "SELECT 1 AS \"_col0\"");
  EXPECT_EQ(explain.explain->type, Explanation::Type::kValidate);
  EXPECT_TRUE(Prepare("EXPLAIN ANALYZE VERBOSE TABLE tpch.s.t").explain->analyze);
  const auto json = Prepare("EXPLAIN (FORMAT JSON, TYPE LOGICAL) SELECT 1");
  EXPECT_EQ(json.explain->type, Explanation::Type::kLogical);
  EXPECT_EQ(json.explain->format, Explanation::Format::kJson);
  EXPECT_TRUE(json.explain->output_table.empty());
}

TEST_F(StatementPreparationTest, ExplainNamesWhatHasNoPlan) {
  const auto drop = Prepare("EXPLAIN DROP TABLE t");
  EXPECT_EQ(drop.query, "SELECT 'DROP TABLE t' AS \"Query Plan\"");
  EXPECT_FALSE(drop.explain);
  EXPECT_FALSE(drop.definition);
  EXPECT_EQ(Prepare("EXPLAIN CREATE TABLE T (a bigint)").query, "SELECT 'CREATE TABLE t' AS \"Query Plan\"");
  EXPECT_TRUE(Prepare("EXPLAIN SHOW COLUMNS FROM tpch.s.t").definition);
  EXPECT_EQ(ErrorOf("EXPLAIN ANALYZE DROP TABLE t"), "NOT_SUPPORTED");
}

TEST_F(StatementPreparationTest, ExplainKnowsTheWrittenTable) {
  session_.catalog = "files";
  session_.schema = "s";
  const auto explain = Prepare("EXPLAIN (TYPE IO) DELETE FROM t");
  EXPECT_EQ(explain.explain->type, Explanation::Type::kIo);
  EXPECT_EQ(explain.explain->output_table, (std::vector<std::string>{"files", "s", "t"}));
  EXPECT_EQ(ErrorOf("EXPLAIN (TYPE IO, FORMAT GRAPHVIZ) SELECT 1"), "NOT_SUPPORTED");
}

TEST_F(StatementPreparationTest, EscapesOfShowAreOneCharacter) {
  for (const char* show : {"SHOW CATALOGS", "SHOW SESSION", "SHOW FUNCTIONS", "SHOW SCHEMAS FROM tpch"}) {
    const std::string sql = std::string(show) + " LIKE 't$_%' ESCAPE ";
    EXPECT_EQ(ErrorOf(sql + "'$'"), "none") << sql;
    EXPECT_EQ(ErrorOf(sql + "''"), "INVALID_FUNCTION_ARGUMENT") << sql;
    EXPECT_EQ(ErrorOf(sql + "'$$'"), "INVALID_FUNCTION_ARGUMENT") << sql;
    EXPECT_EQ(ErrorOf(sql + "'t'"), "INVALID_FUNCTION_ARGUMENT") << sql;
  }
}

TEST_F(StatementPreparationTest, TheUserMayBecomeAnother) {
  EXPECT_EQ(MessageOf("SET SESSION AUTHORIZATION bob"), "SET SESSION AUTHORIZATION not supported by client");
  EXPECT_EQ(ErrorOf("RESET SESSION AUTHORIZATION"), "NOT_SUPPORTED");
  session_.client_capabilities = {"SESSION_AUTHORIZATION"};
  EXPECT_EQ(Prepare("SET SESSION AUTHORIZATION Bob").changes.authorization_user, "Bob");
  const auto set = Prepare("SET SESSION AUTHORIZATION 'bob@x'");
  EXPECT_EQ(set.changes.authorization_user, "bob@x");
  EXPECT_EQ(set.update_type, "SET SESSION AUTHORIZATION");
  EXPECT_TRUE(Prepare("RESET SESSION AUTHORIZATION").changes.reset_authorization_user);
  session_.transaction_id = "t";
  EXPECT_EQ(ErrorOf("SET SESSION AUTHORIZATION bob"), "GENERIC_USER_ERROR");
  EXPECT_EQ(ErrorOf("RESET SESSION AUTHORIZATION"), "GENERIC_USER_ERROR");
}

TEST_F(StatementPreparationTest, WhatCannotRunSaysSo) {
  EXPECT_EQ(ErrorOf("SET SESSION retry_policy = 'TA' || 'SK'"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("GRANT SELECT ON t TO bob"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("SET ROLE bob"), "ROLE_NOT_FOUND");
  EXPECT_EQ(ErrorOf("PREPARE p FROM EXECUTE q"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("COMMIT"), "NOT_IN_TRANSACTION");
  EXPECT_EQ(ErrorOf("SELEC 1"), "SYNTAX_ERROR");
}

}  // namespace
}  // namespace planaria::coordinator
