// Writes from their text to the rows of the table, in one process.
#include <gtest/gtest.h>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/memory/memory_connector.h"
#include "connector/memory_connector_for_test.h"
#include "planner/local_run_for_test.h"
#include "planner/query_planner.h"

namespace planaria::planner {
namespace {

/// Takes rows, but only once.
class CarelessWrites : public connector::ConnectorWrites {
 public:
  std::unique_ptr<connector::TableWrite> BeginInsert(const connector::WriteSession& session,
                                                     const std::string&, const std::string&) const override {
    connector::RequireNoRetries(session);
    return nullptr;
  }
};

class CarelessConnector : public connector::NumbersConnector {
 public:
  const connector::ConnectorWrites& writes() const override { return writes_; }

 private:
  const CarelessWrites writes_;
};

class WriteTest : public testing::Test {
 protected:
  WriteTest() : engine_({.threads = 2, .memory_limit = 0, .temp_directory = ""}) {
    connector::AttachCatalog(engine_.instance(), "numbers",
                             std::make_shared<connector::NumbersConnector>(10000, 700));
    connector::AttachCatalog(engine_.instance(), "careless", std::make_shared<CarelessConnector>());
    connector::AttachCatalog(engine_.instance(), "memory",
                             connector::CreateMemoryConnector("memory", {{"connector.name", "memory"}}));
  }

  DistributedPlan Plan(const std::string& sql, StatementPurpose purpose = {}) {
    PlannerOptions options;
    options.worker_count = 3;
    options.single_task_rows = 0;
    return PlanStatement(
        engine_,
        {.catalog = "memory", .schema = "default", .time_zone = "", .user = "test", .server_version = "1"},
        sql, options, std::move(purpose));
  }

  static std::string Text(duckdb::ColumnDataCollection& rows) {
    std::string text;
    for (auto& chunk : rows.Chunks()) {
      for (duckdb::idx_t row = 0; row < chunk.size(); row++) {
        for (duckdb::idx_t i = 0; i < chunk.ColumnCount(); i++)
          text += (i == 0 ? "" : "|") + chunk.GetValue(i, row).ToString();
        text += ' ';
      }
    }
    return text;
  }

  /// What the statement gives; a write is committed.
  std::string Run(const std::string& sql, StatementPurpose purpose = {}) {
    const DistributedPlan plan = Plan(sql, std::move(purpose));
    const std::string result = Text(*LocalRun(engine_, plan, 4).Run());
    if (plan.write) plan.write->Commit();
    return result;
  }

  static StatementPurpose Creating(const std::string& table) {
    StatementPurpose purpose;
    purpose.creation = TableCreation{.catalog = "memory", .table = {}, .aliases = {}};
    purpose.creation->table.schema = "default";
    purpose.creation->table.name = table;
    return purpose;
  }

  Error ErrorOf(const std::string& sql, StatementPurpose purpose = {}) {
    try {
      Run(sql, std::move(purpose));
    } catch (const TrinoException& exception) {
      return exception.error();
    }
    return {errors::GENERIC_INTERNAL_ERROR, "no error", {}, {}};
  }

  kernel::Engine engine_;
};

constexpr const char* kNumbers = "SELECT n, half, name FROM numbers.s.numbers";

TEST_F(WriteTest, RowsAreThereOnceAfterTheCommitAndNotBefore) {
  const DistributedPlan plan = Plan(kNumbers, Creating("t"));
  EXPECT_EQ(plan.update_type, "CREATE TABLE");
  ASSERT_EQ(plan.fragments.size(), 2u);
  EXPECT_TRUE(plan.fragments[0].writes);
  EXPECT_EQ(plan.root().distribution, Distribution::kCoordinator);
  // Attempts run twice; each brings all rows.
  EXPECT_EQ(Text(*LocalRun(engine_, plan, 4).Run()), "10000 ");
  EXPECT_EQ(Text(*LocalRun(engine_, plan, 3).Run()), "10000 ");
  EXPECT_EQ(ErrorOf("SELECT * FROM t").code.name, "TABLE_NOT_FOUND");
  EXPECT_EQ(plan.write->rows_written(), std::nullopt);
  plan.write->Commit();
  EXPECT_EQ(plan.write->rows_written(), 10000);
  EXPECT_EQ(Run("SELECT count(*), sum(n), count(name) FROM t"), "10000|49995000|6666 ");
}

TEST_F(WriteTest, AnAbortedWriteLeavesNothing) {
  const DistributedPlan plan = Plan(kNumbers, Creating("t"));
  LocalRun(engine_, plan, 4).Run();
  plan.write->Abort();
  EXPECT_THROW(plan.write->Commit(), TrinoException);
  EXPECT_EQ(ErrorOf("SELECT * FROM t").code.name, "TABLE_NOT_FOUND");
}

TEST_F(WriteTest, ChangesOfTheSameRowsConflict) {
  Run(kNumbers, Creating("t"));
  const DistributedPlan first = Plan("DELETE FROM t WHERE n < 10");
  const DistributedPlan second = Plan("UPDATE t SET n = 0 WHERE n < 5");
  const DistributedPlan other = Plan("DELETE FROM t WHERE n >= 9990");
  for (const auto* plan : {&first, &second, &other}) LocalRun(engine_, *plan, 2).Run();
  first.write->Commit();
  try {
    second.write->Commit();
    FAIL() << "two changes of one row";
  } catch (const TrinoException& exception) {
    EXPECT_EQ(exception.error().code.name, "TRANSACTION_CONFLICT");
  }
  other.write->Commit();
  EXPECT_EQ(Run("SELECT count(*), min(n), max(n) FROM t"), "9980|10|9989 ");
}

TEST_F(WriteTest, AQueryReadsTheTableAsItWasPlanned) {
  Run(kNumbers, Creating("t"));
  const DistributedPlan before = Plan("SELECT count(*), sum(n) FROM t");
  Run("DELETE FROM t WHERE n % 2 = 0");
  Run("INSERT INTO t SELECT n, half, name FROM t WHERE n < 100");
  EXPECT_EQ(Text(*LocalRun(engine_, before, 3).Run()), "10000|49995000 ");
  EXPECT_EQ(Run("SELECT count(*), sum(n) FROM t"), "5050|25002500 ");
}

TEST_F(WriteTest, ARowMayMatchOnceOnly) {
  Run(kNumbers, Creating("t"));
  const auto error = ErrorOf(
      "MERGE INTO t USING (SELECT n % 10 AS k FROM numbers.s.numbers) s ON t.n = s.k WHEN MATCHED THEN "
      "DELETE");
  EXPECT_EQ(error.code.name, "MERGE_TARGET_ROW_MULTIPLE_MATCHES");
  EXPECT_EQ(error.message, "One MERGE target table row matched more than one source row");
  EXPECT_EQ(Run("SELECT count(*) FROM t"), "10000 ");
}

TEST_F(WriteTest, AConnectorThatCannotRetryIsRefusedAtTheBegin) {
  StatementPurpose retries;
  retries.write.retry_mode = connector::RetryMode::kRetries;
  const auto error =
      ErrorOf("INSERT INTO careless.s.numbers SELECT n, half, name FROM numbers.s.numbers", retries);
  EXPECT_EQ(error.code.name, "NOT_SUPPORTED");
  EXPECT_EQ(error.message, "This connector does not support query retries");
  // EXPLAIN begins no write.
  retries.execute = false;
  EXPECT_EQ(Plan("INSERT INTO careless.s.numbers SELECT n, half, name FROM numbers.s.numbers", retries).write,
            nullptr);
}

TEST_F(WriteTest, ALimitTellsItsProducer) {
  const DistributedPlan plan = Plan("SELECT n FROM numbers.s.numbers LIMIT 7 OFFSET 3");
  EXPECT_EQ(plan.fragments[0].row_limit, 10u);
  EXPECT_EQ(Plan("SELECT n FROM numbers.s.numbers ORDER BY n LIMIT 7").fragments[0].row_limit, std::nullopt);
}

}  // namespace
}  // namespace planaria::planner
