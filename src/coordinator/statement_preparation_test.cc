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
  EXPECT_TRUE(explain.explain->validate);
  EXPECT_TRUE(Prepare("EXPLAIN ANALYZE VERBOSE TABLE tpch.s.t").explain->analyze);
  EXPECT_EQ(ErrorOf("EXPLAIN DROP TABLE t"), "NOT_SUPPORTED");
}

TEST_F(StatementPreparationTest, WhatCannotRunSaysSo) {
  EXPECT_EQ(ErrorOf("CREATE VIEW v AS SELECT 1"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("SHOW STATS FOR t"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("SET SESSION retry_policy = 'TA' || 'SK'"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("DROP VIEW v"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("PREPARE p FROM EXECUTE q"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("EXPLAIN (FORMAT JSON) SELECT 1"), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorOf("COMMIT"), "NOT_IN_TRANSACTION");
  EXPECT_EQ(ErrorOf("SELEC 1"), "SYNTAX_ERROR");
}

}  // namespace
}  // namespace planaria::coordinator
