#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/memory_connector_for_test.h"
#include "planner/local_run_for_test.h"
#include "planner/query_planner.h"

namespace planaria::planner {
namespace {

/// Rows as text, sorted, so that results compare without order; doubles are rounded in their last digits
/// because partial sums add in another order.
std::vector<std::string> SortedRows(duckdb::ColumnDataCollection& rows) {
  std::vector<std::string> texts;
  for (auto& chunk : rows.Chunks()) {
    for (duckdb::idx_t row = 0; row < chunk.size(); row++) {
      std::string text;
      for (duckdb::idx_t column = 0; column < chunk.ColumnCount(); column++) {
        const auto value = chunk.GetValue(column, row);
        if (!value.IsNull() && value.type() == duckdb::LogicalType::DOUBLE) {
          char buffer[64];
          snprintf(buffer, sizeof buffer, "%.10g", value.GetValue<double>());
          text += buffer;
        } else {
          text += value.ToString();
        }
        text += '|';
      }
      texts.push_back(std::move(text));
    }
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

class PlannerTest : public testing::Test {
 protected:
  PlannerTest() : engine_({.threads = 2, .memory_limit = 0, .temp_directory = ""}) {
    connector::AttachCatalog(engine_.instance(), "numbers",
                             std::make_shared<connector::NumbersConnector>(10000, 700));
    connector::AttachCatalog(engine_.instance(), "few",
                             std::make_shared<connector::NumbersConnector>(2000, 700));
  }

  DistributedPlan Plan(const std::string& sql) {
    PlannerOptions options;
    options.worker_count = 3;
    options.single_task_rows = 0;
    options.max_broadcast_bytes = max_broadcast_bytes_;
    options.adaptive = adaptive_;
    options.max_partition_count = max_partition_count_;
    options.min_partition_count = min_partition_count_;
    options.adaptive_partition_count = adaptive_partition_count_;
    options.adaptive_partition_bytes = adaptive_partition_bytes_;
    options.merge_from_partitions = merge_from_partitions_;
    return PlanQuery(
        engine_,
        {.catalog = "numbers", .schema = "s", .time_zone = "", .user = "test", .server_version = "1"}, sql,
        options);
  }

  /// The rows of the distributed run equal those of one process.
  void ExpectSame(const std::string& sql) {
    SCOPED_TRACE(sql);
    const DistributedPlan plan = Plan(sql);
    LocalRun run(engine_, plan, 4);
    if (turn_sizes_round_) run.TurnSizesRound();
    if (share_partitions_) run.SharePartitions(share_last_input_);
    run.ChooseBroadcasts(choose_broadcasts_);
    choices_ += plan.choices.size();
    const auto distributed = run.Run();
    shared_fragments_ += run.shared_fragments();
    const auto connection = engine_.Connect();
    connector::UseSchema(*connection->context, "numbers", "s");
    const auto direct = connection->Query(sql);
    ASSERT_FALSE(direct->HasError()) << direct->GetError();
    EXPECT_EQ(SortedRows(*distributed), SortedRows(direct->Collection())) << ExplainDistributed(plan);
  }

  kernel::Engine engine_;
  uint64_t max_broadcast_bytes_ = 100 << 20;
  bool turn_sizes_round_ = false;
  bool share_partitions_ = false;
  bool share_last_input_ = false;
  size_t shared_fragments_ = 0;
  uint32_t max_partition_count_ = 50, min_partition_count_ = 1, adaptive_partition_count_ = 0;
  uint64_t adaptive_partition_bytes_ = 0;
  uint32_t merge_from_partitions_ = 0;
  bool adaptive_ = false;
  bool choose_broadcasts_ = false;
  /// Of all plans that ran.
  size_t choices_ = 0;
};

const char* const kQueries[] = {
    "SELECT 1",
    "SELECT * FROM numbers WHERE n < 100",
    "SELECT count(*) FROM numbers",
    "SELECT count(*), count(name), sum(n), avg(n), min(half), max(name), avg(half), sum(half) FROM numbers",
    "SELECT sum(n) FROM numbers WHERE n < 0",
    "SELECT count(*) FILTER (WHERE n % 2 = 0), avg(CAST(n AS DECIMAL(12,2))) FROM numbers",
    "SELECT name, count(*), sum(n), avg(CAST(n AS DECIMAL(15,2))), avg(n) FROM numbers GROUP BY name",
    "SELECT n % 7 AS k, stddev(half), count(DISTINCT name), median(n) FROM numbers GROUP BY k",
    "SELECT count(DISTINCT name) FROM numbers",
    "SELECT n, count(*) FROM numbers GROUP BY n HAVING n > 9990",
    "SELECT name, n % 2, count(*) FROM numbers GROUP BY ROLLUP (name, n % 2)",
    "SELECT name, n % 2 AS k, grouping(name), grouping(name, n % 2), sum(n), avg(half) FROM numbers GROUP BY "
    "CUBE (name, n % 2)",
    "SELECT * FROM (SELECT name, grouping(name) AS g, sum(n) AS s FROM numbers GROUP BY GROUPING SETS "
    "((name), ())) a JOIN (SELECT 1 AS one) b ON g = one",
    "SELECT name, count(*) FROM numbers WHERE n < 0 GROUP BY ROLLUP (name)",
    "SELECT g, count(*) FROM (SELECT grouping(name) AS g FROM numbers GROUP BY ROLLUP (name, half)) GROUP BY "
    "g",
    "SELECT name, count(DISTINCT n) FROM numbers GROUP BY ROLLUP (name)",
    "SELECT a.n, b.half FROM numbers a JOIN numbers b ON a.n = b.n WHERE a.n % 10 = 3",
    "SELECT a.name, count(*) FROM numbers a JOIN numbers b ON a.n = b.n + 1 GROUP BY a.name",
    "SELECT a.n, b.n FROM numbers a LEFT JOIN numbers b ON a.n = b.n * 2 WHERE a.n < 50",
    "SELECT a.n, b.n FROM numbers a RIGHT JOIN (SELECT * FROM numbers WHERE n < 70) b ON a.n = b.n * 200",
    "SELECT a.n, b.n FROM (SELECT * FROM numbers WHERE n < 20) a FULL JOIN (SELECT * FROM numbers WHERE n "
    "BETWEEN 10 AND 40) b ON a.n = b.n",
    "SELECT n FROM numbers WHERE n IN (SELECT n * 3 FROM numbers WHERE n < 100)",
    "SELECT n FROM numbers WHERE n NOT IN (SELECT n + 20 FROM numbers)",
    "SELECT count(*) FROM numbers WHERE name NOT IN (SELECT name FROM numbers WHERE n < 5)",
    "SELECT n FROM numbers a WHERE EXISTS (SELECT 1 FROM numbers b WHERE b.n = a.n * 5)",
    "SELECT n FROM numbers a WHERE NOT EXISTS (SELECT 1 FROM numbers b WHERE b.n = a.n + 10)",
    "SELECT n FROM numbers a WHERE half > (SELECT avg(half) FROM numbers b WHERE b.name = a.name) AND n > "
    "9900",
    "SELECT a.n, (SELECT max(b.n) FROM numbers b WHERE b.n < a.n AND b.n % 10 = a.n % 10) FROM numbers a "
    "WHERE a.n < 60",
    "SELECT n FROM numbers ORDER BY half DESC, n LIMIT 10 OFFSET 5",
    "SELECT count(*) FROM (SELECT n FROM numbers LIMIT 123 OFFSET 7)",
    "SELECT DISTINCT name FROM numbers",
    "SELECT DISTINCT ON (name) name, n FROM numbers ORDER BY name, n",
    "SELECT n, row_number() OVER (PARTITION BY name ORDER BY n), sum(n) OVER (PARTITION BY name, n % 3 ORDER "
    "BY n) FROM numbers WHERE n < 300",
    "SELECT n, row_number() OVER (ORDER BY n) FROM numbers WHERE n < 300",
    "SELECT n FROM numbers WHERE n < 10 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10",
    "SELECT name FROM numbers UNION SELECT name || 'x' FROM numbers",
    "SELECT n % 50 FROM numbers EXCEPT SELECT n FROM numbers WHERE n < 20",
    "SELECT n % 50 FROM numbers INTERSECT SELECT n FROM numbers WHERE n < 20",
    "SELECT n % 5 FROM numbers WHERE n < 100 EXCEPT ALL SELECT n FROM numbers WHERE n < 3",
    "SELECT n FROM numbers WHERE n < 10 UNION ALL SELECT count(*) FROM numbers GROUP BY name UNION ALL "
    "SELECT 5",
    "WITH c AS MATERIALIZED (SELECT name, n FROM numbers WHERE n < 500) SELECT a.n, b.n FROM c a JOIN c b ON "
    "a.n = b.n + 100",
    "WITH c AS MATERIALIZED (SELECT count(*) k FROM numbers) SELECT a.k, b.k FROM c a, c b",
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 20) SELECT r.i, n FROM r JOIN "
    "numbers ON n = i",
    "WITH RECURSIVE r(i) AS (SELECT min(n) FROM numbers UNION ALL SELECT n FROM numbers JOIN r ON n = i + "
    "3000) SELECT * FROM r",
    "SELECT count(*) FROM numbers a, (SELECT * FROM numbers WHERE n < 5) b WHERE a.n < b.n * 10",
    "SELECT n, u FROM numbers, UNNEST([n, n + 1]) t(u) WHERE n < 20",
    "SELECT n, list(x) FROM (SELECT n % 10 AS n, n AS x FROM numbers WHERE n < 100 ORDER BY x) GROUP BY n "
    "HAVING len(list(x)) > 0 AND false",
    "SELECT {'a': n, 'b': name}, [n, NULL] FROM numbers WHERE n < 50",
    "SELECT array_agg(n ORDER BY n) FROM numbers WHERE n < 50",
    "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) t(x, y) JOIN numbers ON n = x",
    "SELECT a.n FROM numbers a JOIN numbers b ON a.n = b.n JOIN numbers c ON b.n = c.n WHERE c.half > 4990",
    "SELECT a.n, max(b.half) FROM numbers a JOIN numbers b ON a.n = b.n GROUP BY a.n HAVING a.n % 1000 = 0",
    "SELECT n, CASE WHEN n IN (SELECT n FROM numbers WHERE n % 2 = 0) THEN 'even' ELSE 'odd' END FROM "
    "numbers WHERE n < 30",
};

TEST_F(PlannerTest, RowsEqualOneProcess) {
  for (const char* sql : kQueries) ExpectSame(sql);
}

TEST_F(PlannerTest, RowsEqualOneProcessWithoutBroadcast) {
  max_broadcast_bytes_ = 0;
  for (const char* sql : kQueries) ExpectSame(sql);
}

TEST_F(PlannerTest, RowsEqualOneProcessWithJoinsTurnedRound) {
  turn_sizes_round_ = true;
  for (const char* sql : kQueries) ExpectSame(sql);
  max_broadcast_bytes_ = 0;
  for (const char* sql : kQueries) ExpectSame(sql);
}

TEST_F(PlannerTest, RowsEqualOneProcessWithSharedPartitions) {
  share_partitions_ = true;
  max_broadcast_bytes_ = 0;
  for (const char* sql : kQueries) ExpectSame(sql);
  EXPECT_GT(shared_fragments_, 10u);
  share_last_input_ = true;
  for (const char* sql : kQueries) ExpectSame(sql);
}

/// Joins of sides whose sizes the optimizer can only guess.
const char* const kJoins[] = {
    "SELECT a.n, b.half FROM numbers a JOIN few.s.numbers b ON a.n = b.n * 2 WHERE b.n % 100 = 3",
    "SELECT a.name, count(*) FROM numbers a JOIN (SELECT n * 3 AS k FROM few.s.numbers WHERE n % 7 = 0) b ON "
    "a.n = "
    "b.k GROUP BY a.name",
    "SELECT a.n, b.n FROM numbers a LEFT JOIN (SELECT * FROM few.s.numbers WHERE n % 50 = 1) b ON a.n = b.n "
    "* 2",
    "SELECT count(*), sum(a.n) FROM numbers a WHERE a.n IN (SELECT n * 2 FROM few.s.numbers WHERE n % 20 = "
    "0)",
    "SELECT count(*) FROM numbers a WHERE NOT EXISTS (SELECT 1 FROM few.s.numbers b WHERE b.n = a.n AND b.n "
    "% 3 = "
    "0)",
    "SELECT a.name, max(c.n) FROM numbers a JOIN numbers b ON a.n = b.n * 2 JOIN few.s.numbers c ON b.n = "
    "c.n * 3 "
    "WHERE b.n % 10 = 0 AND c.n % 4 = 2 GROUP BY a.name",
    "SELECT a.n FROM numbers a JOIN (SELECT n % 100 AS k, count(*) c FROM few.s.numbers GROUP BY k) b ON a.n "
    "= b.k "
    "AND b.c = 20 ORDER BY a.n LIMIT 20",
    "SELECT a.n, count(*) FROM numbers a JOIN few.s.numbers b ON a.n = b.n WHERE b.n % 9 = 2 GROUP BY a.n",
    "SELECT a.n FROM numbers a JOIN few.s.numbers b ON a.n + 1 = b.n WHERE b.n % 11 = 0",
    "SELECT a.n FROM numbers a JOIN few.s.numbers b ON a.n = b.n WHERE b.n % 11 = 0 UNION ALL SELECT n FROM "
    "numbers",
    "SELECT a.n, c.name FROM numbers a JOIN few.s.numbers b ON a.n = b.n JOIN (SELECT x.n, y.name FROM "
    "numbers x "
    "JOIN few.s.numbers y ON x.n = y.n WHERE y.n % 5 = 0) c ON a.n = c.n WHERE b.n % 11 = 0",
    "SELECT a.name, row_number() OVER (PARTITION BY a.n ORDER BY b.half) FROM numbers a JOIN few.s.numbers b "
    "ON a.n "
    "= b.n WHERE b.name LIKE '%1%'",
};

TEST_F(PlannerTest, RowsEqualOneProcessByEitherPlanOfAJoin) {
  adaptive_ = true;
  for (const uint64_t limit : {1u, 2000u, 20000u}) {
    max_broadcast_bytes_ = limit;
    for (const bool broadcast : {false, true}) {
      SCOPED_TRACE("limit " + std::to_string(limit) + (broadcast ? " broadcast" : " partitioned"));
      choose_broadcasts_ = broadcast;
      choices_ = 0;
      if (limit == 2000) {
        for (const char* sql : kQueries) ExpectSame(sql);
      }
      for (const char* sql : kJoins) ExpectSame(sql);
      EXPECT_GE(choices_, 3u);
    }
  }
}

TEST_F(PlannerTest, JoinsWhoseEstimatesMayBeWrongHaveTwoPlans) {
  const char* const filtered =
      "SELECT max(a.name) FROM numbers a JOIN few.s.numbers b ON a.n = b.n * 2 WHERE b.n % 100 = 3";
  EXPECT_TRUE(Plan(filtered).choices.empty());
  adaptive_ = true;
  EXPECT_TRUE(Plan(filtered).choices.empty()) << "as a whole the table is small enough";

  max_broadcast_bytes_ = 1;
  const DistributedPlan shuffled = Plan(filtered);
  ASSERT_EQ(shuffled.choices.size(), 1u);
  const JoinChoice& choice = shuffled.choices[0];
  EXPECT_FALSE(choice.planned_broadcast);
  EXPECT_EQ(choice.max_broadcast_bytes, 1u);
  EXPECT_EQ(shuffled.fragments[choice.decider].scans.at(0).catalog, "few");
  const Fragment& broadcast = shuffled.fragments[choice.broadcast];
  const Fragment& shuffle = shuffled.fragments[choice.shuffle];
  const Fragment& partitioned = shuffled.fragments[choice.partitioned];
  EXPECT_EQ(broadcast.distribution, Distribution::kSource);
  ASSERT_EQ(broadcast.inputs.size(), 1u);
  EXPECT_FALSE(broadcast.inputs[0].partitioned);
  ASSERT_EQ(broadcast.scans.size(), 1u);
  EXPECT_EQ(broadcast.scans[0].scan_id, shuffle.scans.at(0).scan_id);
  EXPECT_EQ(broadcast.scans[0].splits.size(), shuffle.scans[0].splits.size());
  EXPECT_EQ(partitioned.distribution, Distribution::kHash);
  EXPECT_EQ(partitioned.inputs.size(), 2u);
  EXPECT_EQ(broadcast.output_partition_count, partitioned.output_partition_count);
  EXPECT_EQ(shuffled.root().inputs.at(0).producer, partitioned.id);
  EXPECT_NE(ExplainDistributed(shuffled).find("Runs instead of fragments"), std::string::npos);

  EXPECT_TRUE(Plan("SELECT max(a.name) FROM numbers a JOIN few.s.numbers b ON a.n = b.n * 2").choices.empty())
      << "the size of a table is known";
  EXPECT_TRUE(
      Plan("SELECT a.n, count(*) FROM numbers a JOIN few.s.numbers b ON a.n = b.n WHERE b.n % 9 = 2 GROUP "
           "BY a.n")
          .choices.empty())
      << "the groups lie together only by the planned one";

  max_broadcast_bytes_ = 5000;
  const DistributedPlan replicated = Plan(filtered);
  ASSERT_EQ(replicated.choices.size(), 1u);
  EXPECT_TRUE(replicated.choices[0].planned_broadcast);
  EXPECT_EQ(replicated.choices[0].max_broadcast_bytes, 10000u);
  const Fragment& decider = replicated.fragments[replicated.choices[0].decider];
  EXPECT_EQ(decider.output, ExchangeType::kRepartitionHash) << "readable by either plan";
  EXPECT_EQ(decider.output_partition_count,
            replicated.fragments[replicated.choices[0].shuffle].output_partition_count);
}

TEST_F(PlannerTest, OrderedResultsKeepTheirOrder) {
  const DistributedPlan plan = Plan("SELECT n FROM numbers WHERE n % 3 = 0 ORDER BY n DESC");
  LocalRun run(engine_, plan, 4);
  const auto rows = run.Run();
  int64_t last = 10000;
  for (auto& chunk : rows->Chunks()) {
    for (duckdb::idx_t i = 0; i < chunk.size(); i++) {
      const auto value = chunk.GetValue(0, i).GetValue<int64_t>();
      ASSERT_LT(value, last);
      last = value;
    }
  }
  EXPECT_EQ(rows->Count(), 3334u);
}

TEST_F(PlannerTest, SortedRunsAreMerged) {
  for (const char* sql :
       {"SELECT name, half FROM numbers ORDER BY name NULLS FIRST, half DESC, n",
        "SELECT name FROM numbers WHERE n % 7 < 3 ORDER BY half DESC NULLS LAST, name",
        "SELECT n FROM numbers WHERE n % 10 = 11 ORDER BY n", "SELECT half, n FROM numbers ORDER BY -n"}) {
    SCOPED_TRACE(sql);
    const DistributedPlan plan = Plan(sql);
    EXPECT_EQ(plan.fragments.size(), 2u) << ExplainDistributed(plan);
    LocalRun run(engine_, plan, 4);
    const auto distributed = run.Run();
    const auto connection = engine_.Connect();
    connector::UseSchema(*connection->context, "numbers", "s");
    const auto direct = connection->Query(sql);
    ASSERT_FALSE(direct->HasError()) << direct->GetError();
    duckdb::string difference;
    EXPECT_TRUE(
        duckdb::ColumnDataCollection::ResultEquals(*distributed, direct->Collection(), difference, true))
        << difference;
  }
}

TEST_F(PlannerTest, GroupingHappensInTwoSteps) {
  const DistributedPlan plan = Plan("SELECT name, sum(n) FROM numbers GROUP BY name");
  ASSERT_EQ(plan.fragments.size(), 2u) << ExplainDistributed(plan);
  EXPECT_EQ(plan.fragments[0].distribution, Distribution::kSource);
  EXPECT_EQ(plan.fragments[0].output, ExchangeType::kRepartitionHash);
  EXPECT_EQ(plan.fragments[0].scans.size(), 1u);
  EXPECT_EQ(plan.fragments[0].scans[0].splits.size(), 15u);
  EXPECT_EQ(plan.fragments[1].distribution, Distribution::kHash);
}

TEST_F(PlannerTest, ConstantQueriesRunOnTheCoordinator) {
  const DistributedPlan plan = Plan("SELECT 1 + 1");
  ASSERT_EQ(plan.fragments.size(), 1u);
  EXPECT_EQ(plan.root().distribution, Distribution::kCoordinator);
}

TEST_F(PlannerTest, AnalysisErrorsHaveTrinoCodesAndPlaces) {
  const auto code = [&](const std::string& sql) -> std::string {
    try {
      Plan(sql);
    } catch (const TrinoException& exception) {
      return std::string(exception.error().code.name);
    }
    return "none";
  };
  EXPECT_EQ(code("SELECT x FROM numbers"), "COLUMN_NOT_FOUND");
  EXPECT_EQ(code("SELECT * FROM missing"), "TABLE_NOT_FOUND");
  EXPECT_EQ(code("SELECT * FROM"), "NOT_SUPPORTED");
  EXPECT_EQ(code("CREATE TABLE t (a INTEGER)"), "NOT_SUPPORTED");
  EXPECT_EQ(code("SELECT * FROM read_csv('/etc/passwd')"), "FUNCTION_NOT_FOUND");
  EXPECT_EQ(code("SELECT * FROM '/etc/passwd'"), "TABLE_NOT_FOUND");
  EXPECT_EQ(code("SELECT * FROM duckdb_tables"), "TABLE_NOT_FOUND");
  EXPECT_EQ(code("SELECT * FROM (DESCRIBE SELECT * FROM read_csv('/etc/passwd'))"), "SYNTAX_ERROR");
  EXPECT_EQ(code("WITH w AS (SELECT (SELECT content FROM read_text('/etc/passwd'))) SELECT * FROM w"),
            "FUNCTION_NOT_FOUND");
  EXPECT_EQ(code("SELECT * FROM pg_catalog.pg_class"), "SCHEMA_NOT_FOUND");
  EXPECT_EQ(code("SELECT table_name FROM information_schema.tables"), "none");
}

TEST_F(PlannerTest, NamesThatTheSessionDoesNotComplete) {
  const auto code = [&](const QuerySession& session, const std::string& sql) -> std::string {
    try {
      PlanQuery(engine_, session, sql, {});
    } catch (const TrinoException& exception) {
      return exception.error().message;
    }
    return "none";
  };
  QuerySession session;
  EXPECT_EQ(code(session, "SELECT * FROM s.numbers"),
            "line 1:15: Catalog must be specified when session catalog is not set");
  EXPECT_EQ(code(session, "SELECT * FROM numbers"),
            "line 1:15: Schema must be specified when session schema is not set");
  EXPECT_EQ(code(session, "WITH n AS (SELECT * FROM numbers.s.numbers) SELECT * FROM n"), "none");
  session.catalog = "numbers";
  EXPECT_EQ(code(session, "SELECT * FROM s.numbers"), "none");
}

TEST_F(PlannerTest, ColumnsWithoutNamesAreCounted) {
  EXPECT_EQ(Plan("SELECT n, count(*), 1 AS one, current_date FROM numbers GROUP BY n").column_names,
            (std::vector<std::string>{"n", "_col1", "one", "_col3"}));
  EXPECT_EQ(Plan("SELECT *, n + 1 FROM (VALUES (1, 2)) AS t(n, m)").column_names,
            (std::vector<std::string>{"n", "m", "_col2"}));
  EXPECT_EQ(Plan("VALUES (1, 2)").column_names, (std::vector<std::string>{"_col0", "_col1"}));
}

TEST_F(PlannerTest, DamagedPlansAreRefused) {
  const DistributedPlan plan = Plan("SELECT name, sum(n) FROM numbers GROUP BY name");
  const std::string& bytes = plan.fragments[0].plan;
  for (size_t cut = 0; cut < bytes.size(); cut += 97) {
    auto context = std::make_shared<kernel::TaskContext>();
    EXPECT_THROW(kernel::FragmentRunner(engine_, context, "").Run(bytes.substr(0, cut)), TrinoException)
        << cut;
  }
}

/// Of the exchanges that hash keys.
std::set<uint32_t> PartitionCounts(const DistributedPlan& plan) {
  std::set<uint32_t> counts;
  for (const Fragment& fragment : plan.fragments) {
    if (fragment.output == ExchangeType::kRepartitionHash) counts.insert(fragment.output_partition_count);
  }
  return counts;
}

TEST_F(PlannerTest, LargeExchangesHaveMorePartitionsWhereThatIsWanted) {
  const std::string sql = "SELECT n % 5000 AS k, count(*), max(name) FROM numbers GROUP BY k";
  max_partition_count_ = 4;
  EXPECT_EQ(PartitionCounts(Plan(sql)), std::set<uint32_t>{4});
  adaptive_partition_count_ = 40;
  adaptive_partition_bytes_ = 1000;
  EXPECT_EQ(PartitionCounts(Plan(sql)), std::set<uint32_t>{40});
  ExpectSame(sql);
  ExpectSame("SELECT count(*), max(a.name) FROM numbers a JOIN numbers b ON a.n = b.n * 2");
  adaptive_partition_bytes_ = 1 << 30;
  EXPECT_EQ(PartitionCounts(Plan(sql)), std::set<uint32_t>{4}) << "its estimate is not large";
  adaptive_partition_bytes_ = 1000;
  adaptive_partition_count_ = 3;
  EXPECT_EQ(PartitionCounts(Plan(sql)), std::set<uint32_t>{4}) << "fewer are not more";
  max_partition_count_ = 50;
  min_partition_count_ = 30;
  EXPECT_EQ(PartitionCounts(Plan(sql)), std::set<uint32_t>{30});
  max_partition_count_ = 20;
  EXPECT_EQ(PartitionCounts(Plan(sql)), std::set<uint32_t>{20}) << "the maximum holds";
}

TEST_F(PlannerTest, WideExchangesMayBeMerged) {
  merge_from_partitions_ = 20;
  min_partition_count_ = 24;
  const auto plan = Plan("SELECT n % 100, count(*) FROM numbers GROUP BY 1");
  ASSERT_EQ(plan.fragments.size(), 3u);
  const Fragment& merge = plan.fragments[1];
  EXPECT_TRUE(merge.merges);
  EXPECT_TRUE(merge.plan.empty());
  EXPECT_EQ(merge.output_partition_count, 24u);
  EXPECT_EQ(merge.inputs.at(0).producer, 0u);
  EXPECT_EQ(plan.fragments[2].inputs.at(0).producer, 1u);
  EXPECT_NE(merge.inputs[0].input_id, plan.fragments[2].inputs[0].input_id);
  EXPECT_NE(ExplainDistributed(plan).find("Merges the outputs of its producer, if that saves requests"),
            std::string::npos);
  merge_from_partitions_ = 25;
  EXPECT_EQ(Plan("SELECT n % 100, count(*) FROM numbers GROUP BY 1").fragments.size(), 2u);
}

TEST_F(PlannerTest, JoinsWithTwoPlansKeepTheirNumbersWhenOthersAreMerged) {
  merge_from_partitions_ = 2;
  min_partition_count_ = 24;
  adaptive_ = true;
  max_broadcast_bytes_ = 1;
  const auto plan = Plan(
      "SELECT max(s) FROM (SELECT a.n % 100 AS s, count(*) FROM numbers a JOIN few.s.numbers b ON a.n = b.n "
      "* 2 WHERE b.n % 100 = 3 GROUP BY 1)");
  for (const JoinChoice& choice : plan.choices) {
    for (const uint32_t member : {choice.decider, choice.broadcast, choice.shuffle, choice.partitioned})
      EXPECT_FALSE(plan.fragments.at(member).merges);
    const auto& inputs = plan.fragments.at(choice.partitioned).inputs;
    EXPECT_TRUE(std::any_of(inputs.begin(), inputs.end(),
                            [&](const FragmentInput& input) { return input.producer == choice.decider; }));
  }
  EXPECT_FALSE(plan.choices.empty());
  for (uint32_t id = 0; id < plan.fragments.size(); id++) {
    EXPECT_EQ(plan.fragments[id].id, id);
    for (const FragmentInput& input : plan.fragments[id].inputs) EXPECT_LT(input.producer, id);
  }
}

}  // namespace
}  // namespace planaria::planner
