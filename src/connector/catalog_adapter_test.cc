#include "connector/catalog_adapter.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "connector/memory_connector_for_test.h"
#include "connector/table_scan.h"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/parser/statement/logical_plan_statement.hpp"
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

TEST_F(CatalogAdapterTest, PlansRunInAnotherInstanceOnTheSplitsOfATask) {
  connection_.BeginTransaction();
  auto plan = connection_.ExtractPlan("SELECT count(*), sum(n), min(n) FROM mem.s.numbers WHERE n % 2 = 0");
  plan->ResolveOperatorTypes();
  auto* node = plan.get();
  while (!node->children.empty()) node = node->children[0].get();
  auto& get = node->Cast<duckdb::LogicalGet>();
  std::vector<Split> splits = SplitsOf(*connection_.context, get);
  ASSERT_EQ(splits.size(), 10u);
  MutableScanOf(get)->scan_id = 3;
  duckdb::MemoryStream stream;
  duckdb::BinarySerializer::Serialize(*plan, stream);
  connection_.Commit();
  stream.Rewind();

  duckdb::DuckDB other(nullptr);
  AttachCatalog(*other.instance, "mem", std::make_shared<NumbersConnector>());
  duckdb::Connection worker(other);
  std::vector<kernel::ScanSplit> half;
  for (size_t i = 5; i < splits.size(); ++i) half.push_back({splits[i].payload, splits[i].rows});
  auto task = std::make_shared<kernel::TaskContext>();
  task->scans[3] = std::make_shared<kernel::SplitQueue>(std::move(half));
  worker.context->registered_state->Insert(kernel::TaskState::kKey,
                                           duckdb::make_shared_ptr<kernel::TaskState>(task));
  worker.context->config.enable_optimizer = false;
  worker.BeginTransaction();
  duckdb::bound_parameter_map_t parameters;
  auto copy =
      duckdb::BinaryDeserializer::Deserialize<duckdb::LogicalOperator>(stream, *worker.context, parameters);
  copy->ResolveOperatorTypes();
  auto result = worker.Query(duckdb::make_uniq<duckdb::LogicalPlanStatement>(std::move(copy)));
  ASSERT_FALSE(result->HasError()) << result->GetError();
  const auto row = result->Fetch();
  EXPECT_EQ(row->GetValue(0, 0).ToString(), "2500");
  EXPECT_EQ(row->GetValue(1, 0).ToString(), "18747500");
  EXPECT_EQ(row->GetValue(2, 0).ToString(), "5000");
  EXPECT_EQ(task->scanned_rows, 5000u);
  worker.Rollback();
}

TEST_F(CatalogAdapterTest, AScanWithoutSplitsInItsTaskFails) {
  connection_.context->registered_state->Insert(
      kernel::TaskState::kKey,
      duckdb::make_shared_ptr<kernel::TaskState>(std::make_shared<kernel::TaskContext>()));
  EXPECT_TRUE(
      Fail("SELECT sum(n) FROM mem.s.numbers").starts_with("GENERIC_INTERNAL_ERROR: The task has no splits"));
}

TEST_F(CatalogAdapterTest, InformationSchemaListsTheCatalog) {
  EXPECT_EQ(Run("SELECT * FROM mem.information_schema.schemata"), "mem,information_schema;mem,s;");
  EXPECT_EQ(Run("SELECT * FROM mem.information_schema.tables WHERE table_schema = 's'"),
            "mem,s,numbers,BASE TABLE;");
  EXPECT_EQ(
      Run("SELECT column_name, ordinal_position, is_nullable, data_type FROM mem.information_schema.columns "
          "WHERE table_name = 'numbers'"),
      "n,1,NO,bigint;half,2,YES,double;name,3,YES,varchar;");
  EXPECT_EQ(Run("SELECT count(*) FROM mem.information_schema.views"), "0;");
}

TEST_F(CatalogAdapterTest, SchemasBeyondTheListedOnesBind) {
  AttachCatalog(*db_.instance, "tpch", CreateConnector("tpch", {{"connector.name", "tpch"}}));
  EXPECT_EQ(Run("SELECT count(*) FROM tpch.\"sf0.001\".nation"), "25;");
  EXPECT_EQ(Fail("SELECT count(*) FROM tpch.sfx.nation"), "SCHEMA_NOT_FOUND: Schema 'sfx' does not exist");
}

TEST_F(CatalogAdapterTest, NamesAreTakenOnce) {
  EXPECT_THROW(AttachCatalog(*db_.instance, "mem", std::make_shared<NumbersConnector>()), TrinoException);
}

}  // namespace
}  // namespace planaria::connector
