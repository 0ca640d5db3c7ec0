#include "coordinator/query_limits.h"

#include <gtest/gtest.h>

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;

std::string ExceededText(const QueryConsumption& used, const QueryLimitSettings& query,
                         const QueryLimitSettings& server = {}) {
  const auto error = FindExceeded(used, query, server);
  return error ? std::string(error->code.name) + ": " + error->message : "";
}

TEST(QueryLimits, AreNotPassedByWhatReachesThem) {
  QueryLimitSettings limits;
  limits.run_time = limits.execution_time = limits.planning_time = limits.cpu_time = 10s;
  limits.scan_physical_bytes = DataSize{1000};
  EXPECT_EQ(ExceededText({10s, 10s, 10s, 10s, 1000}, limits, limits), "");
}

TEST(QueryLimits, AreNamedInTrinosWords) {
  QueryLimitSettings limits;
  limits.run_time = 5min;
  limits.execution_time = 90s;
  limits.planning_time = 500ms;
  limits.cpu_time = 2h;
  limits.scan_physical_bytes = DataSize{2048};
  EXPECT_EQ(ExceededText({.run = 301s}, limits),
            "EXCEEDED_TIME_LIMIT: Query exceeded maximum time limit of 5.00m");
  EXPECT_EQ(ExceededText({.execution = 91s}, limits),
            "EXCEEDED_TIME_LIMIT: Query exceeded the maximum execution time limit of 90.00s");
  EXPECT_EQ(ExceededText({.planning = 501ms}, limits),
            "EXCEEDED_TIME_LIMIT: Query exceeded the maximum planning time limit of 500.00ms");
  EXPECT_EQ(ExceededText({.cpu = 3h}, limits), "EXCEEDED_CPU_LIMIT: Exceeded CPU limit of 2.00h");
  EXPECT_EQ(ExceededText({.scanned_bytes = 2049}, limits), "EXCEEDED_SCAN_LIMIT: Exceeded scan limit of 2kB");
}

TEST(QueryLimits, OfTimeCanBeLiftedByTheSessionAndOthersCannot) {
  QueryLimitSettings server;
  server.run_time = 1s;
  server.cpu_time = 1s;
  server.scan_physical_bytes = DataSize{10};
  const QueryLimitSettings session;
  EXPECT_EQ(ExceededText({.run = 2s}, session, server), "");
  EXPECT_EQ(ExceededText({.cpu = 2s}, session, server), "EXCEEDED_CPU_LIMIT: Exceeded CPU limit of 1.00s");
  EXPECT_EQ(ExceededText({.scanned_bytes = 11}, session, server),
            "EXCEEDED_SCAN_LIMIT: Exceeded scan limit of 10B");
  QueryLimitSettings lower;
  lower.scan_physical_bytes = DataSize{5};
  EXPECT_EQ(ExceededText({.scanned_bytes = 6}, lower, server),
            "EXCEEDED_SCAN_LIMIT: Exceeded scan limit of 5B");
}

constexpr uint64_t kMegabyte = 1 << 20;

std::string ExceededMemory(const HeldMemory& held, const MemoryLimits& limits) {
  const auto error = FindExceeded(held, limits);
  return error ? std::string(error->code.name) + ": " + error->message : "";
}

TEST(MemoryLimit, HoldsForANodeAndForAllOfThem) {
  const MemoryLimits limits{30 * kMegabyte, 40 * kMegabyte, 20 * kMegabyte};
  EXPECT_EQ(ExceededMemory({{{"a"}, 20 * kMegabyte}, {{"b"}, 10 * kMegabyte}}, limits), "");
  EXPECT_EQ(ExceededMemory({{{"a"}, 20 * kMegabyte}, {{"b"}, 11 * kMegabyte}}, limits),
            "EXCEEDED_GLOBAL_MEMORY_LIMIT: Query exceeded distributed user memory limit of 30MB");
  EXPECT_EQ(ExceededMemory({{{"a"}, 1}, {{"b"}, 20 * kMegabyte + 512 * 1024}}, limits),
            "EXCEEDED_LOCAL_MEMORY_LIMIT: Query exceeded per-node memory limit of 20MB [Allocated: 20.50MB, "
            "Node: b]");
  EXPECT_EQ(ExceededMemory({{{"a"}, 2048}}, {100'000, 1536, 100'000}),
            "EXCEEDED_GLOBAL_MEMORY_LIMIT: Query exceeded distributed total memory limit of 1.50kB");
  EXPECT_EQ(ExceededMemory({}, {0, 0, 0}), "");
}

TEST(MemoryLimit, OfTheServerCannotBeLifted) {
  QueryMemorySettings server, session;
  server.query = DataSize{1000};
  server.query_per_node = MemorySize::Share(0.5);
  session.query = DataSize{2000};
  session.query_total = DataSize{500};
  session.query_per_node = MemorySize::Share(0.75);
  const MemoryLimits limits = MemoryLimitsOf(session, server, {100});
  EXPECT_EQ(limits.query, 1000u);
  EXPECT_EQ(limits.query_total, 500u);
  EXPECT_EQ(limits.per_node, 50u);
}

TEST(StageLimit, WarnsFirstThenRefuses) {
  EXPECT_FALSE(CheckStages(50, 150, 50));
  const auto warning = CheckStages(51, 150, 50);
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->name, "TOO_MANY_STAGES");
  EXPECT_TRUE(
      warning->message.starts_with("Number of stages in the query (51) exceeds the soft limit (50). "))
      << warning->message;
  try {
    CheckStages(151, 150, 50);
    FAIL();
  } catch (const TrinoException& refused) {
    EXPECT_EQ(refused.error().code, errors::QUERY_HAS_TOO_MANY_STAGES);
    EXPECT_TRUE(refused.error().message.starts_with(
        "Number of stages in the query (151) exceeds the allowed maximum (150). If the query contains"))
        << refused.what();
  }
}

TEST(StageLimit, CountsOnePlanOfAJoin) {
  planner::DistributedPlan plan;
  plan.fragments.resize(7);
  plan.choices.resize(2);
  EXPECT_EQ(CountStages(plan), 5);
}

}  // namespace
}  // namespace planaria::coordinator
