#include "connector/files/files_connector.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/files/split_payload.h"
#include "connector/table_scan.h"
#include "kernel/duckdb_errors.h"

namespace planaria::connector {
namespace {

namespace fs = std::filesystem;

class FilesConnectorTest : public testing::Test {
 protected:
  FilesConnectorTest()
      : base_(fs::temp_directory_path() / ("planaria_files_" + std::to_string(getpid()) + "_" +
                                           testing::UnitTest::GetInstance()->current_test_info()->name())),
        db_(nullptr),
        connection_(db_) {
    fs::remove_all(base_);
    fs::create_directories(base_ / "s");
    AttachCatalog(
        *db_.instance, "f",
        CreateFilesConnector("f", {{"connector.name", "files"}, {"files.base-directory", base_.string()}}));
    UseSchema(*connection_.context, "f", "s");
  }
  ~FilesConnectorTest() override { fs::remove_all(base_); }

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
      return sql + " gave " + Run(sql);
    } catch (const TrinoException& exception) {
      return exception.error().ToString();
    }
  }

  std::string Path(const std::string& name) {
    fs::create_directories((base_ / name).parent_path());
    return (base_ / name).string();
  }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(Path(name), std::ios::binary) << text;
  }

  void Copy(const std::string& query, const std::string& name, const std::string& options = "") {
    Run("COPY (" + query + ") TO '" + Path(name) + "' (FORMAT parquet" + options + ")");
  }

  /// Splits of the only scan of a query.
  std::vector<Split> SplitsOfScan(const std::string& sql) {
    connection_.BeginTransaction();
    auto plan = connection_.ExtractPlan(sql);
    auto* get = plan.get();
    while (!get->children.empty()) get = get->children[0].get();
    auto splits = SplitsOf(*connection_.context, get->Cast<duckdb::LogicalGet>());
    connection_.Commit();
    return splits;
  }

  const fs::path base_;
  duckdb::DuckDB db_;
  duckdb::Connection connection_;
};

TEST_F(FilesConnectorTest, ReadsParquetInSplitsOfRowGroups) {
  Copy("SELECT range AS n, range % 7 AS seven, 'name ' || range AS name FROM range(400000)", "s/t/a.parquet",
       ", ROW_GROUP_SIZE 100000");
  Copy("SELECT range AS n, range % 7 AS seven, 'name ' || range AS name FROM range(400000, 500000)",
       "s/t/b.parquet");
  EXPECT_EQ(Run("SELECT count(*), sum(n), count(name) FROM t"), "500000,124999750000,500000;");
  EXPECT_EQ(Run("SELECT name FROM t WHERE n = 399999"), "name 399999;");
  EXPECT_EQ(Run("SELECT count(*) FROM t WHERE seven = 3 AND n < 70"), "10;");
  EXPECT_GE(SplitsOfScan("SELECT n FROM t").size(), 5u);
  EXPECT_EQ(SplitsOfScan("SELECT name FROM t WHERE n BETWEEN 110000 AND 120000").size(), 1u);
}

TEST_F(FilesConnectorTest, SmallRowGroupsShareSplits) {
  Copy("SELECT range AS n FROM range(100000)", "s/t.parquet", ", ROW_GROUP_SIZE 2048");
  const auto splits = SplitsOfScan("SELECT n FROM t");
  EXPECT_EQ(splits.size(), 2u);
  EXPECT_EQ(Run("SELECT sum(n) FROM t"), "4999950000;");
}

TEST_F(FilesConnectorTest, StatisticsComeFromFooters) {
  Copy("SELECT range AS n, range % 5 AS five FROM range(1000)", "s/t.parquet");
  const std::string plan = Run("EXPLAIN SELECT n FROM t WHERE n > 5000");
  EXPECT_NE(plan.find("EMPTY_RESULT"), std::string::npos) << plan;
  connection_.BeginTransaction();
  auto logical = connection_.ExtractPlan("SELECT n, five FROM t");
  auto* get = logical.get();
  while (!get->children.empty()) get = get->children[0].get();
  const auto& columns = ScanOf(get->Cast<duckdb::LogicalGet>())->table->columns();
  // Keys as many as rows may be others' too: what a range allows is no count.
  EXPECT_FALSE(columns[0].statistics.distinct_values);
  EXPECT_EQ(columns[1].statistics.distinct_values, 5.0);
  EXPECT_EQ(columns[1].statistics.nulls_fraction, 0.0);
  EXPECT_EQ(columns[1].statistics.high, duckdb::Value::BIGINT(4));
  connection_.Commit();
}

TEST_F(FilesConnectorTest, UnifiesSchemasByName) {
  Copy("SELECT 1::INTEGER AS a, 'x' AS b", "s/t/1.parquet");
  Copy("SELECT 'y' AS B, 2::BIGINT AS A, 7::UTINYINT AS c", "s/t/2.parquet");
  EXPECT_EQ(Run("SELECT a, b, c FROM t ORDER BY a"), "1,x,NULL;2,y,7;");
  EXPECT_EQ(Run("SELECT a FROM t WHERE c IS NULL"), "1;");
  EXPECT_EQ(Run("SELECT a FROM t WHERE c = 7"), "2;");
  EXPECT_EQ(Run("SELECT a FROM t WHERE a > 1"), "2;");
}

TEST_F(FilesConnectorTest, ConflictingTypesNameBothFiles) {
  Copy("SELECT 1 AS a", "s/t/1.parquet");
  Copy("SELECT 'x' AS a", "s/t/2.parquet");
  EXPECT_EQ(Fail("SELECT a FROM t"),
            "HIVE_BAD_DATA: Table s.t: column 'a' is INTEGER in file 's/t/1.parquet' but VARCHAR in file "
            "'s/t/2.parquet'");
}

TEST_F(FilesConnectorTest, JoinsFilterScansDynamically) {
  Copy("SELECT range AS n FROM range(300000)", "s/big.parquet");
  Copy("SELECT range * 1000 AS n FROM range(5)", "s/small.parquet");
  EXPECT_EQ(Run("SELECT sum(big.n) FROM big JOIN small ON big.n = small.n"), "10000;");
}

TEST_F(FilesConnectorTest, ReadsNestedTypes) {
  Copy("SELECT [1, 2] AS l, {'x': 1::UINTEGER, 'y': 'z'} AS r, MAP {'k': 1} AS m", "s/t.parquet");
  EXPECT_EQ(Run("SELECT l, r.x, typeof(r.x), m FROM t"), "[1, 2],1,BIGINT,{k=1};");
}

TEST_F(FilesConnectorTest, ReadsCsv) {
  Write("s/t/1.csv", "id,name,day\n1,\"a, b\",2024-02-29\n2,c,2024-03-01\n");
  Write("s/t/2.csv", "name;id\nd;3\n");
  Write("s/t/_SUCCESS", "");
  EXPECT_EQ(Run("SELECT id, name, day FROM t ORDER BY id"), "1,a, b,2024-02-29;2,c,2024-03-01;3,d,NULL;");
  EXPECT_EQ(Run("SELECT count(*) FROM t"), "3;");
  EXPECT_EQ(Run("SELECT name FROM t WHERE id > 1 ORDER BY 1"), "c;d;");
}

TEST_F(FilesConnectorTest, ReadsJson) {
  Write("s/t/1.ndjson", "{\"id\": 1, \"tags\": [\"x\"]}\n{\"id\": 2}\n");
  Write("s/t/2.json", "[{\"id\": 3.5}]");
  EXPECT_EQ(Run("SELECT id, tags FROM t ORDER BY id"), "1.0,[x];2.0,NULL;3.5,NULL;");
}

TEST_F(FilesConnectorTest, ReadsCompressedText) {
  Run("COPY (SELECT range AS n FROM range(10)) TO '" + Path("s/t/1.csv.gz") + "' (FORMAT csv, HEADER)");
  EXPECT_EQ(Run("SELECT sum(n) FROM t"), "45;");
}

TEST_F(FilesConnectorTest, BadValuesNameTheFile) {
  std::string text = "n\n";
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + "\n";
  Write("s/t/1.csv", text + "oops\n");
  const std::string error = Fail("SELECT sum(n) FROM t");
  EXPECT_TRUE(error.starts_with("HIVE_BAD_DATA: ")) << error;
  EXPECT_NE(error.find("s/t/1.csv"), std::string::npos) << error;
}

TEST_F(FilesConnectorTest, BadParquetNamesTheFile) {
  Write("s/t/1.parquet", "this is no parquet file");
  const std::string error = Fail("SELECT * FROM t");
  EXPECT_TRUE(error.starts_with("HIVE_BAD_DATA: Cannot read file '")) << error;
  EXPECT_NE(error.find("s/t/1.parquet"), std::string::npos) << error;
}

TEST_F(FilesConnectorTest, DamagedParquetFailsOrReadsRight) {
  Copy("SELECT range AS n, hash(range) AS h, 'text ' || range AS name FROM range(3000)", "good/t.parquet");
  std::ifstream in(Path("good/t.parquet"), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  const std::string whole = Run("SELECT count(*) FROM f.good.t");
  uint32_t seed = 12345;
  const auto random = [&] { return seed = seed * 1664525 + 1013904223; };
  for (int round = 0; round < 60; ++round) {
    std::string bad = good;
    if (round % 3 == 0) {
      bad.resize(random() % bad.size());
    } else {
      for (int i = 0; i < 8; ++i) bad[random() % bad.size()] = static_cast<char>(random() >> 24);
    }
    Write("s/r" + std::to_string(round) + ".parquet", bad);
    const std::string outcome = Fail("SELECT count(n), count(h), count(name) FROM r" + std::to_string(round));
    // Either it reads, or the error is the file's.
    EXPECT_TRUE(outcome.starts_with("HIVE_BAD_DATA: ") || outcome.starts_with("SELECT") ||
                outcome.starts_with("HIVE_FILE") || outcome.starts_with("EXCEEDED_LOCAL_MEMORY_LIMIT"))
        << outcome;
  }
}

TEST_F(FilesConnectorTest, VanishedFileIsNotFound) {
  Copy("SELECT 1 AS a", "s/t/1.parquet");
  connection_.BeginTransaction();
  EXPECT_EQ(Run("SELECT a FROM t"), "1;");
  fs::remove(Path("s/t/1.parquet"));
  const std::string error = Fail("SELECT a FROM t");
  EXPECT_TRUE(error.starts_with("HIVE_FILE_NOT_FOUND: File '")) << error;
  connection_.Rollback();
}

TEST_F(FilesConnectorTest, ChangedFilesAreReadAnew) {
  Copy("SELECT 1 AS a", "s/t.parquet");
  EXPECT_EQ(Run("SELECT a FROM t"), "1;");
  Copy("SELECT 22 AS a, 'b' AS b", "s/t.parquet");
  EXPECT_EQ(Run("SELECT a, b FROM t"), "22,b;");
}

TEST_F(FilesConnectorTest, TablesOfOneFormatOnly) {
  Write("s/t/1.csv", "a\n1\n");
  Write("s/t/2.json", "{\"a\": 1}");
  EXPECT_EQ(Fail("SELECT * FROM t"),
            "UNSUPPORTED_TABLE_TYPE: Table s.t mixes formats: 's/t/1.csv' and 's/t/2.json'");
  Write("s/u/notes.txt", "x");
  EXPECT_TRUE(Fail("SELECT * FROM u").starts_with("UNSUPPORTED_TABLE_TYPE: Table s.u: the format of file"));
  EXPECT_EQ(Fail("SELECT * FROM nothing"), "TABLE_NOT_FOUND: Table 'nothing' does not exist");
}

TEST(FileSplitTest, MalformedPayloadsAreRefused) {
  files::FileSplit split;
  split.file = {"s/t/a.csv", 123, 456};
  split.row_group_count = 2;
  split.reader_arguments = ", delim=','";
  split.columns = {{"A", duckdb::LogicalType::DECIMAL(12, 2)}, {"b", duckdb::LogicalType::VARCHAR}};
  const std::string good = files::Encode(split);
  const files::FileSplit back = files::DecodeFileSplit(good);
  EXPECT_EQ(back.file, split.file);
  EXPECT_EQ(back.columns, split.columns);

  split.file.name = "../../etc/passwd";
  EXPECT_THROW(files::DecodeFileSplit(files::Encode(split)), TrinoException);
  uint32_t seed = 7;
  const auto random = [&] { return seed = seed * 1664525 + 1013904223; };
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_THROW(files::DecodeFileSplit(good.substr(0, length)), TrinoException) << length;
  }
  for (int round = 0; round < 2000; ++round) {
    std::string bad = good;
    bad[(random() >> 8) % bad.size()] = static_cast<char>(random() >> 24);
    try {
      files::DecodeFileSplit(bad);
    } catch (const TrinoException& exception) {
      EXPECT_EQ(exception.error().code, errors::SERIALIZATION_ERROR);
    }
  }
}

TEST(CreateConnectorTest, RefusesWrongConfigurations) {
  const auto message = [](const std::map<std::string, std::string>& properties) -> std::string {
    try {
      CreateConnector("c", properties);
      return "no error";
    } catch (const TrinoException& exception) {
      return exception.error().ToString();
    }
  };
  EXPECT_EQ(message({}),
            "CONFIGURATION_INVALID: Catalog configuration for 'c' does not contain 'connector.name'");
  EXPECT_TRUE(message({{"connector.name", "oracle"}})
                  .starts_with("CONFIGURATION_INVALID: Catalog 'c': No factory for connector 'oracle'."));
  EXPECT_EQ(message({{"connector.name", "files"}}),
            "CONFIGURATION_INVALID: Catalog 'c': Configuration property 'files.base-directory' is required");
  EXPECT_EQ(message({{"connector.name", "files"}, {"files.base-directory", "/nonexistent/x"}}),
            "CONFIGURATION_INVALID: Catalog 'c': Configuration property 'files.base-directory': "
            "'/nonexistent/x' is not "
            "a directory");
  EXPECT_EQ(message({{"connector.name", "files"}, {"files.base-directory", "/tmp"}, {"color", "red"}}),
            "CONFIGURATION_INVALID: Catalog 'c': Configuration property 'color' was not used");
}

}  // namespace
}  // namespace planaria::connector
