#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"
#include "connector/checksums_for_test.h"
#include "connector/tpcds/tpcds_connector.h"

namespace planaria::connector {

namespace {

std::shared_ptr<const Table> Open(RowCollector& rows, const std::string& schema, const std::string& table) {
  return CreateTpcdsConnector("tpcds", {})->GetTable(rows.context(), schema, table);
}

void ExpectRecorded(const RecordedChecksums& recorded) {
  SCOPED_TRACE(recorded.schema + "." + recorded.table);
  RowCollector rows;
  auto table = Open(rows, recorded.schema, recorded.table);
  ASSERT_TRUE(table);
  ScanRequest request = AllColumns(*table);
  rows.Collect("collected", *table, table->Splits(rows.context(), request), request);
  RecordedChecksums computed = rows.Checksums("collected", *table);
  EXPECT_EQ(computed.rows, recorded.rows);
  EXPECT_EQ(computed.sums, recorded.sums);
  // Sales are drawn: eight to sixteen lines an order, one in ten returned.
  EXPECT_NEAR(static_cast<double>(*table->row_count()), static_cast<double>(recorded.rows),
              static_cast<double>(recorded.rows) * 0.15);
}

TEST(TpcdsTest, TinyEqualsTheRecordedRows) {
  int tables = 0;
  for (const RecordedChecksums& recorded : ReadChecksums("tpcds_checksums.tsv")) {
    if (recorded.schema != "tiny") continue;
    ExpectRecorded(recorded);
    tables++;
  }
  EXPECT_EQ(tables, 23);
}

TEST(TpcdsTest, SmallTablesAtFactorOneEqualTheRecordedRows) {
  for (const RecordedChecksums& recorded : ReadChecksums("tpcds_checksums.tsv")) {
    if (recorded.schema == "sf1") ExpectRecorded(recorded);
  }
}

TEST(TpcdsTest, ColumnsComeInAnyOrderAndMoreThanOnce) {
  RowCollector rows;
  auto table = Open(rows, "tiny", "web_sales");
  ScanRequest request = AllColumns(*table);
  rows.Collect("whole", *table, table->Splits(rows.context(), request), request);
  auto source = table->Open(rows.context(), {"all"}, {{17, 3, 17}, nullptr});
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(),
                   {table->columns()[17].type, table->columns()[3].type, table->columns()[17].type});
  source->Next(chunk);
  ASSERT_EQ(chunk.size(), static_cast<duckdb::idx_t>(STANDARD_VECTOR_SIZE));
  auto expected = rows.Query("SELECT ws_order_number, ws_item_sk FROM whole");
  for (duckdb::idx_t i = 0; i < chunk.size(); i++) {
    EXPECT_EQ(chunk.GetValue(0, i), expected->GetValue(0, i));
    EXPECT_EQ(chunk.GetValue(1, i), expected->GetValue(1, i));
    EXPECT_EQ(chunk.GetValue(2, i), expected->GetValue(0, i));
  }
}

TEST(TpcdsTest, PageSourcesRunSideBySide) {
  RowCollector metadata;
  const char* names[] = {"store_returns", "store_sales", "web_sales", "item"};
  std::vector<std::thread> threads;
  std::vector<RecordedChecksums> computed(4);
  for (int i = 0; i < 4; i++) {
    auto table = Open(metadata, "tiny", names[i]);
    threads.emplace_back([&computed, i, table] {
      RowCollector rows;
      ScanRequest request = AllColumns(*table);
      rows.Collect("collected", *table, table->Splits(rows.context(), request), request);
      computed[i] = rows.Checksums("collected", *table);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const RecordedChecksums& recorded : ReadChecksums("tpcds_checksums.tsv")) {
    for (int i = 0; i < 4; i++) {
      if (recorded.schema != "tiny" || recorded.table != names[i]) continue;
      EXPECT_EQ(computed[i].sums, recorded.sums);
    }
  }
}

TEST(TpcdsTest, NamesAndPropertiesAreChecked) {
  RowCollector rows;
  auto connector =
      CreateTpcdsConnector("tpcds", {{"connector.name", "tpcds"}, {"tpcds.splits-per-node", "4"}});
  EXPECT_THAT(connector->ListSchemas(), testing::Contains("sf1"));
  EXPECT_EQ(connector->ListTables("sf1").size(), 24u);
  EXPECT_TRUE(connector->ListTables("sf1000000").empty());
  EXPECT_EQ(Open(rows, "tiny", "sales"), nullptr);
  EXPECT_THROW(Open(rows, "tiny", "item")->Open(rows.context(), {"1"}, {}), TrinoException);
  using Properties = std::map<std::string, std::string>;
  for (const Properties& wrong :
       {Properties{{"tpcds.splits", "4"}}, Properties{{"tpcds.splits-per-node", "x"}},
        Properties{{"tpcds.with-no-sexism", "true"}}}) {
    try {
      CreateTpcdsConnector("bench", wrong);
      FAIL() << wrong.begin()->first;
    } catch (const TrinoException& exception) {
      EXPECT_EQ(exception.error().code, errors::CONFIGURATION_INVALID);
      EXPECT_THAT(exception.error().message, testing::HasSubstr("bench"));
      EXPECT_THAT(exception.error().message, testing::HasSubstr(wrong.begin()->first));
    }
  }
}

}  // namespace

}  // namespace planaria::connector
