#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "connector/checksums_for_test.h"
#include "connector/tpch/tpch_connector.h"
#include "connector/tpch/tpch_rows.h"
#include "connector/tpch/tpch_text.h"

namespace planaria::connector {

namespace {

using Properties = std::map<std::string, std::string>;

class TpchTest : public testing::Test {
 protected:
  static std::shared_ptr<const Table> Open(const std::string& schema, const std::string& table,
                                           const Properties& properties = {}) {
    RowCollector context;
    return CreateTpchConnector("tpch", properties)->GetTable(context.context(), schema, table);
  }

  RowCollector rows_;
};

TEST_F(TpchTest, TinyEqualsTheRecordedRows) {
  for (const RecordedChecksums& recorded : ReadChecksums("tpch_checksums.tsv")) {
    if (recorded.schema != "tiny") continue;
    SCOPED_TRACE(recorded.table);
    auto table = Open("tiny", recorded.table);
    ASSERT_TRUE(table);
    ScanRequest request = AllColumns(*table);
    rows_.Collect("collected", *table, table->Splits(rows_.context(), request), request);
    RecordedChecksums computed = rows_.Checksums("collected", *table);
    EXPECT_EQ(computed.rows, recorded.rows);
    EXPECT_EQ(computed.sums, recorded.sums);
    EXPECT_EQ(table->row_count(), recorded.rows);
    EXPECT_EQ(rows_.RowsOutOfBounds("collected", *table), 0);
  }
}

TEST_F(TpchTest, SlicesAtFactorOneEqualTheRecordedRows) {
  int slices = 0;
  for (const RecordedChecksums& recorded : ReadChecksums("tpch_checksums.tsv")) {
    if (recorded.schema != "sf1") continue;
    SCOPED_TRACE(recorded.table + " from " + std::to_string(recorded.first_key));
    auto table = Open("sf1", recorded.table);
    const std::string key = table->columns()[0].name;
    bool sparse = recorded.table == "orders" || recorded.table == "lineitem";
    auto unit = [&](int64_t k) { return sparse ? ((k >> 5) << 3 | (k & 7)) : k; };
    Split split{std::to_string(unit(recorded.first_key) - 1) + ":" + std::to_string(unit(recorded.last_key))};
    ScanRequest request = AllColumns(*table);
    rows_.Collect("collected", *table, {split}, request);
    RecordedChecksums computed = rows_.Checksums("collected", *table);
    EXPECT_EQ(computed.rows, recorded.rows);
    EXPECT_EQ(computed.sums, recorded.sums);
    EXPECT_EQ(rows_.RowsOutOfBounds("collected", *table), 0);
    slices++;
  }
  EXPECT_EQ(slices, 11);
}

TEST_F(TpchTest, AnyCutIntoSplitsAndAnyColumnsGiveTheSameRows) {
  for (const std::string& name : tpch::TableNames()) {
    SCOPED_TRACE(name);
    auto table = Open("tiny", name);
    const int64_t units = tpch::UnitsOf(*tpch::TableOf(name), *tpch::Scale::OfSchema("tiny"));
    std::vector<Split> splits;
    for (int64_t first = 0, size = 1; first < units; first += size, size = size * 3 % 997 + 1) {
      splits.push_back({std::to_string(first) + ":" + std::to_string(std::min(units, first + size))});
    }
    ScanRequest backwards = AllColumns(*table);
    std::reverse(backwards.columns.begin(), backwards.columns.end());
    rows_.Collect("cut", *table, splits, backwards);
    rows_.Collect("whole", *table, {{"0:" + std::to_string(units)}}, AllColumns(*table));
    RecordedChecksums cut = rows_.Checksums("cut", *table), whole = rows_.Checksums("whole", *table);
    EXPECT_EQ(cut.rows, whole.rows);
    EXPECT_EQ(cut.sums, whole.sums);
  }
}

TEST_F(TpchTest, SplitsCoverTheTableOnce) {
  auto tiny = Open("tiny", "lineitem"), one = Open("sf1", "lineitem"), big = Open("sf10000", "lineitem");
  EXPECT_EQ(tiny->Splits(rows_.context(), {}).size(), 4u);
  EXPECT_EQ(one->Splits(rows_.context(), {}).size(), 12u);
  auto splits = big->Splits(rows_.context(), {});
  EXPECT_EQ(splits.size(), 4000u);
  EXPECT_EQ(splits.front().payload, "0:3750000");
  EXPECT_EQ(splits.back().payload, "14996250000:15000000000");
  EXPECT_EQ(Open("sf1", "nation")->Splits(rows_.context(), {}).size(), 1u);
}

TEST_F(TpchTest, NoColumnsStillCountRows) {
  auto table = Open("tiny", "lineitem");
  auto source = table->Open(rows_.context(), {"0:15000"}, {});
  duckdb::DataChunk chunk;
  chunk.InitializeEmpty(duckdb::vector<duckdb::LogicalType>{});
  size_t rows = 0;
  for (source->Next(chunk); chunk.size() > 0; source->Next(chunk)) rows += chunk.size();
  EXPECT_EQ(rows, 60175u);
}

TEST_F(TpchTest, NamesAndTypesFollowTheProperties) {
  auto simple = Open("sf1", "lineitem"),
       standard = Open("sf1", "lineitem", {{"tpch.column-naming", "standard"}}),
       decimal = Open("tiny", "orders", {{"tpch.double-type-mapping", "DECIMAL"}});
  EXPECT_EQ(simple->columns()[5].name, "extendedprice");
  EXPECT_EQ(simple->columns()[5].type, duckdb::LogicalType::DOUBLE);
  EXPECT_EQ(standard->columns()[5].name, "l_extendedprice");
  EXPECT_EQ(decimal->columns()[3].type, duckdb::LogicalType::DECIMAL(12, 2));
  ScanRequest request = AllColumns(*decimal);
  rows_.Collect("decimals", *decimal, decimal->Splits(rows_.context(), request), request);
  EXPECT_EQ(rows_.RowsOutOfBounds("decimals", *decimal), 0);
  for (const RecordedChecksums& recorded : ReadChecksums("tpch_checksums.tsv")) {
    if (recorded.schema == "tiny" && recorded.table == "orders") {
      EXPECT_EQ(rows_.Checksums("decimals", *decimal).sums, recorded.sums);
    }
  }
}

TEST_F(TpchTest, SchemasAreFoundByScaleFactor) {
  auto connector = CreateTpchConnector("tpch", {});
  EXPECT_THAT(connector->ListSchemas(), testing::IsSupersetOf({"tiny", "sf1", "sf100", "sf1000"}));
  EXPECT_EQ(connector->ListTables("sf0.1").size(), 8u);
  EXPECT_EQ(Open("sf0.1", "lineitem")->row_count(), 600572u);
  for (const char* name : {"sf", "sf0", "sf-1", "sf1x", "sfnan", "sf30000", "sf1e3", "small", ""}) {
    EXPECT_TRUE(connector->ListTables(name).empty()) << name;
    EXPECT_EQ(Open(name, "lineitem"), nullptr) << name;
  }
  EXPECT_EQ(Open("tiny", "line"), nullptr);
}

TEST_F(TpchTest, WrongPropertiesNameCatalogAndKey) {
  for (const Properties& wrong :
       {Properties{{"tpch.colum-naming", "STANDARD"}}, Properties{{"tpch.column-naming", "LONG"}},
        Properties{{"tpch.splits-per-node", "0"}}}) {
    try {
      CreateTpchConnector("bench", wrong);
      FAIL() << wrong.begin()->first;
    } catch (const TrinoException& exception) {
      EXPECT_EQ(exception.error().code, errors::CONFIGURATION_INVALID);
      EXPECT_THAT(exception.error().message, testing::HasSubstr("bench"));
      EXPECT_THAT(exception.error().message, testing::HasSubstr(wrong.begin()->first));
    }
  }
  CreateTpchConnector("bench", {{"connector.name", "tpch"},
                                {"tpch.produce-pages", "true"},
                                {"tpch.max-rows-per-page", "1000"},
                                {"tpch.splits-per-node", "8"}});
}

TEST_F(TpchTest, ForeignSplitsAreRefused) {
  auto table = Open("tiny", "region");
  for (const char* payload : {"", "1", "0:6", "-1:3", "4:3", "0:5 ", "a:b", "0:99999999999999999999"}) {
    EXPECT_THROW(table->Open(rows_.context(), {payload}, {}), TrinoException) << payload;
  }
}

// The lists of words are read on first use, so each try needs a process of its own.
TEST(TpchTextDeathTest, FirstUseFromManyThreads) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int i = 0; i < 5; i++) {
    const auto read_all = [] {
      std::vector<std::thread> threads;
      for (int t = 0; t < 4; t++) {
        threads.emplace_back([] { tpch::Values(); });
        threads.emplace_back([] { tpch::Comments{10}; });
        threads.emplace_back([] { tpch::ValueSet{"colors"}; });
      }
      for (std::thread& thread : threads) thread.join();
      std::exit(tpch::ValueSet{"colors"}.members().size() == 92 ? 0 : 1);
    };
    EXPECT_EXIT(read_all(), testing::ExitedWithCode(0), "");
  }
}

TEST_F(TpchTest, PageSourcesRunSideBySide) {
  auto table = Open("tiny", "lineitem");
  ScanRequest request = AllColumns(*table);
  std::vector<std::vector<std::string>> sums(4);
  std::vector<std::thread> threads;
  for (auto& result : sums) {
    threads.emplace_back([&] {
      RowCollector mine;
      mine.Collect("collected", *table, table->Splits(mine.context(), request), request);
      result = mine.Checksums("collected", *table).sums;
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& result : sums) EXPECT_EQ(result, sums[0]);
  EXPECT_FALSE(sums[0].empty());
}

}  // namespace

}  // namespace planaria::connector
