#include "connector/catalog_adapter.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "connector/memory_connector_for_test.h"
#include "connector/table_scan.h"
#include "kernel/duckdb_errors.h"
#include "kernel/task_state.h"

namespace planaria::connector {
namespace {

class CatalogAdapterTest : public testing::Test {
 protected:
  CatalogAdapterTest() : db_(nullptr), connection_(db_) {
    AttachCatalog(*db_.instance, "mem", std::make_shared<NumbersConnector>());
  }

  std::string Run(const std::string& sql) {
    auto result = connection_.Query(sql);
    if (result->HasError()) throw TrinoException(kernel::TranslateError(result->GetErrorObject()));
    std::string text;
    for (auto& row : *result) {
      for (duckdb::idx_t i = 0; i < result->ColumnCount(); ++i) {
        text += (i == 0 ? "" : ",") + row.GetValue<duckdb::Value>(i).ToString();
      }
      text += ";";
    }
    return text;
  }

  std::string Fail(const std::string& sql) {
    try {
      Run(sql);
    } catch (const TrinoException& exception) {
      return exception.error().ToString();
    }
    return sql + " did not fail";
  }

  duckdb::DuckDB db_;
  duckdb::Connection connection_;
};

TEST_F(CatalogAdapterTest, BindsQualifiedNamesInAnyCase) {
  EXPECT_EQ(Run("SELECT sum(n) FROM mem.s.numbers"), "49995000;");
  EXPECT_EQ(Run("SELECT max(Mem.S.Numbers.N) FROM MEM.S.NUMBERS"), "9999;");
  EXPECT_EQ(Run("SELECT n, half FROM mem.s.numbers WHERE n = 7"), "7,3.5;");
}

TEST_F(CatalogAdapterTest, BindsSessionDefaults) {
  UseSchema(*connection_.context, "mem", "s");
  EXPECT_EQ(Run("SELECT count(name) FROM numbers WHERE n < 10"), "6;");
}

TEST_F(CatalogAdapterTest, CountsWithoutColumns) {
  EXPECT_EQ(Run("SELECT count(*) FROM mem.s.numbers"), "10000;");
  EXPECT_EQ(Run("SELECT count(*) FROM mem.s.numbers a, mem.s.numbers b WHERE a.n = b.n AND b.half < 100"),
            "200;");
}

TEST_F(CatalogAdapterTest, StatisticsReachTheOptimizer) {
  EXPECT_EQ(Run("SELECT count(*) FROM mem.s.numbers WHERE n > 20000"), "0;");
  const std::string plan = Run("EXPLAIN SELECT n FROM mem.s.numbers WHERE n > 20000");
  EXPECT_NE(plan.find("EMPTY_RESULT"), std::string::npos) << plan;
}

TEST_F(CatalogAdapterTest, MissingNamesHaveTrinoCodes) {
  EXPECT_EQ(Fail("SELECT 1 FROM mem.s.missing"), "TABLE_NOT_FOUND: Table 'missing' does not exist");
  EXPECT_EQ(Fail("SELECT 1 FROM mem.missing.numbers"), "SCHEMA_NOT_FOUND: Schema 'missing' does not exist");
  EXPECT_EQ(Fail("SELECT 1 FROM missing.s.numbers"), "CATALOG_NOT_FOUND: Catalog 'missing' not found");
  EXPECT_EQ(Fail("SELECT missing FROM mem.s.numbers"),
            "COLUMN_NOT_FOUND: Column 'missing' cannot be resolved");
}

TEST_F(CatalogAdapterTest, ChangesAreNotSupported) {
  EXPECT_EQ(Fail("CREATE TABLE mem.s.t (a int)"),
            "NOT_SUPPORTED: This connector does not support creating tables");
}

TEST_F(CatalogAdapterTest, SplitsComeFromTheTask) {
  auto task = std::make_shared<kernel::TaskContext>();
  connection_.BeginTransaction();
  auto plan = connection_.ExtractPlan("SELECT n FROM mem.s.numbers");
  auto* get = plan.get();
  while (!get->children.empty()) get = get->children[0].get();
  auto& scan = get->Cast<duckdb::LogicalGet>();
  EXPECT_EQ(SplitsOf(*connection_.context, scan).size(), 10u);
  connection_.Commit();
}

TEST_F(CatalogAdapterTest, NamesAreTakenOnce) {
  EXPECT_THROW(AttachCatalog(*db_.instance, "mem", std::make_shared<NumbersConnector>()), TrinoException);
}

}  // namespace
}  // namespace planaria::connector
