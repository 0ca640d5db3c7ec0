#include <map>

#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StreamingTest : public SchedulerTest {
 protected:
  /// A scan (2) hashed into an aggregation (1), gathered by one task (0).
  QueryPlan Plan(RetryPolicy policy) {
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kSingle, {{{1}, InputMode::kGather}}, {}, 1, 0},
                      {{1}, Distribution::kHash, {{{2}, InputMode::kPartitioned}}, {}, 8, 0},
                      {{2}, Distribution::kSource, {}, {7}, 8, 0}};
    plan.retry_policy = policy;
    return plan;
  }
  void Begin(RetryPolicy policy) {
    for (const char* node : {"a", "b", "c", "d"}) Join(node, 1);
    Submit(query_, Plan(policy));
  }
  void Submit(const QueryId& query, const QueryPlan& plan) {
    Tell(SubmitQuery{query, plan});
    Tell(SplitsAdded{query, {2}, 7, {{0, 100 << 20}, {1, 100 << 20}, {2, 100 << 20}, {3, 100 << 20}}, true});
  }
  std::map<uint32_t, std::vector<StartTask>> TakeRun() {
    std::map<uint32_t, std::vector<StartTask>> run;
    for (StartTask& start : Take<StartTask>()) run[start.task.fragment.value].push_back(std::move(start));
    return run;
  }
  void Pass(Duration time) {
    now_ += time;
    Tell(Tick{});
  }
};

TEST_F(StreamingTest, StartsAllTasksAtOnceAndConnectsThem) {
  Begin(RetryPolicy::kNone);
  const auto result = Take<ResultStreams>();
  auto run = TakeRun();
  ASSERT_EQ(run[2].size(), 4u);
  ASSERT_EQ(run[1].size(), 4u);
  ASSERT_EQ(run[0].size(), 1u);
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result[0].roots->at(0).task, run[0][0].task);
  EXPECT_FALSE(result[0].hold);
  EXPECT_TRUE(run[0][0].readers->empty());
  EXPECT_EQ(run[0][0].inputs[0].streams->size(), 4u);
  EXPECT_EQ(run[1][1].inputs[0].partitions, (std::vector<uint32_t>{1, 5}));
  ASSERT_EQ(run[2][0].readers->size(), 4u);
  EXPECT_EQ(run[2][0].readers->at(1).task, run[1][1].task);
  EXPECT_EQ(run[2][0].readers->at(1).partitions, (std::vector<uint32_t>{1, 5}));
  EXPECT_FALSE(run[2][0].readers_may_wait_for_each_other);
  std::map<NodeId, int> on;
  for (const StartTask& start : run[2]) ++on[start.node];
  EXPECT_EQ(on[{"a"}], 1);
}

TEST_F(StreamingTest, ReadersOfSeveralInputsMayWaitForEachOther) {
  Join("a", 2);
  QueryPlan plan = Plan(RetryPolicy::kNone);
  plan.fragments[1].inputs.push_back({{2}, InputMode::kReplicated});
  Submit(query_, plan);
  EXPECT_TRUE(TakeRun()[2][0].readers_may_wait_for_each_other);
}

TEST_F(StreamingTest, EndsWithTheRootAndStopsWhatStillRuns) {
  Begin(RetryPolicy::kNone);
  auto run = TakeRun();
  Finish(run[0][0]);
  EXPECT_EQ(Take<CancelTask>().size(), 8u);
  const auto finished = Take<QueryFinished>();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].outputs, nullptr);
  EXPECT_FALSE(scheduler_.NextWakeup());
}

TEST_F(StreamingTest, StopsProducersThatNobodyReadsAnyMore) {
  Begin(RetryPolicy::kNone);
  auto run = TakeRun();
  for (const StartTask& start : run[1]) Finish(start);
  EXPECT_EQ(Take<CancelTask>().size(), 4u);
  EXPECT_EQ(scheduler_.Stages(query_)[0].state, StageState::kFinished);
}

TEST_F(StreamingTest, NoneFailsAtOnceWithTheRealError) {
  Begin(RetryPolicy::kNone);
  auto run = TakeRun();
  Fail(run[0][0], errors::REMOTE_TASK_ERROR, "echo");
  EXPECT_TRUE(Take<QueryFailed>().empty());
  Fail(run[2][1], errors::GENERIC_INTERNAL_ERROR, "the cause");
  const auto failed = Take<QueryFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].error.message, "the cause");
  EXPECT_EQ(Take<CancelTask>().size(), 7u);
}

TEST_F(StreamingTest, AnEchoDecidesWhenNothingFollows) {
  Begin(RetryPolicy::kNone);
  Fail(TakeRun()[0][0], errors::PAGE_TRANSPORT_TIMEOUT, "echo");
  ASSERT_EQ(scheduler_.NextWakeup(), now_ + milliseconds(200));
  Pass(milliseconds(200));
  EXPECT_EQ(Take<QueryFailed>().size(), 1u);
}

TEST_F(StreamingTest, QueryRunsAgainAtOnceAfterALostNode) {
  Begin(RetryPolicy::kQuery);
  EXPECT_TRUE(Take<ResultStreams>()[0].hold);
  TakeRun();
  Tell(NodeLost{{"a"}, Error{errors::REMOTE_HOST_GONE, "killed", {}, {}}});
  auto run = TakeRun();
  EXPECT_EQ(run[2].size(), 3u);
  for (const auto& [fragment, starts] : run) {
    for (const StartTask& start : starts) {
      EXPECT_NE(start.node.value, "a");
      EXPECT_EQ(start.task.attempt.value, 1u);
    }
  }
  for (const CancelTask& cancel : Take<CancelTask>()) EXPECT_NE(cancel.node.value, "a");
  Finish(run[0][0]);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(StreamingTest, QueryGivesUpWithTheFirstRealErrorAndItsLastRunStreams) {
  Begin(RetryPolicy::kQuery);
  for (uint32_t run = 0; run < 5; ++run) {
    EXPECT_EQ(Take<ResultStreams>().at(0).hold, run < 4);
    Fail(TakeRun()[1][0], errors::GENERIC_INTERNAL_ERROR, "cause " + std::to_string(run));
    if (run < 4) {
      EXPECT_TRUE(Take<StartTask>().empty());
      Pass(std::min(seconds(10) * (1 << run), seconds(60)));
    }
  }
  const auto failed = Take<QueryFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].error.message, "cause 0");
  EXPECT_EQ(failed[0].error.suppressed.size(), 4u);
  int attempts = 0;
  scheduler_.VisitAttempts(query_, [&](const AttemptStatus& attempt) {
    EXPECT_TRUE(attempt.ended);
    ++attempts;
  });
  EXPECT_EQ(attempts, 5 * 9);
}

TEST_F(StreamingTest, QueryNeverRepeatsUserErrorsLimitsAndTakenResults) {
  Begin(RetryPolicy::kQuery);
  Fail(TakeRun()[1][0], errors::DIVISION_BY_ZERO);
  EXPECT_EQ(Take<QueryFailed>().size(), 1u);

  Submit({"limit"}, Plan(RetryPolicy::kQuery));
  Fail(TakeRun()[1][0], errors::EXCEEDED_LOCAL_MEMORY_LIMIT);
  EXPECT_EQ(Take<QueryFailed>().size(), 1u);

  Submit({"taken"}, Plan(RetryPolicy::kQuery));
  Tell(ResultTaken{{"taken"}});
  Fail(TakeRun()[1][0], errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(Take<QueryFailed>().size(), 1u);
}

TEST_F(StreamingTest, AUserErrorOfAFormerRunEndsTheQuery) {
  Begin(RetryPolicy::kQuery);
  auto run = TakeRun();
  Fail(run[0][0], errors::GENERIC_INTERNAL_ERROR);
  Pass(seconds(10));
  EXPECT_FALSE(Take<StartTask>().empty());
  Fail(run[1][0], errors::USER_CANCELED);
  EXPECT_TRUE(Take<QueryFailed>().empty());
  Fail(run[1][1], errors::DIVISION_BY_ZERO);
  const auto failed = Take<QueryFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].error.code, errors::DIVISION_BY_ZERO);
}

TEST_F(StreamingTest, ALostNodeEndsTheWaitAfterItsEcho) {
  Begin(RetryPolicy::kQuery);
  Fail(TakeRun()[0][0], errors::REMOTE_HOST_GONE, "echo");
  Pass(milliseconds(200));
  EXPECT_TRUE(Take<StartTask>().empty());
  Tell(NodeLost{{"a"}, Error{}});
  EXPECT_FALSE(Take<StartTask>().empty());
}

TEST_F(StreamingTest, AutoGoesOnDurableAfterAFailure) {
  Begin(RetryPolicy::kAuto);
  EXPECT_TRUE(Take<ResultStreams>().at(0).hold);
  Fail(TakeRun()[1][0], errors::EXCEEDED_LOCAL_MEMORY_LIMIT);
  const auto durable = Take<BecameDurable>();
  ASSERT_EQ(durable.size(), 1u);
  EXPECT_EQ(durable[0].first_attempt, 1u);
  auto scans = Take<StartTask>();
  ASSERT_EQ(scans.size(), 4u);
  EXPECT_EQ(scans[0].task.fragment.value, 2u);
  EXPECT_EQ(scans[0].task.attempt.value, 1u);
  EXPECT_EQ(scans[0].readers, nullptr);
  for (size_t i = 1; i < scans.size(); ++i) Finish(scans[i]);
  Fail(scans[0], errors::REMOTE_HOST_GONE);
  EXPECT_EQ(TakeStart().task.attempt.value, 2u);
}

TEST_F(StreamingTest, AutoGoesOnDurableWhenItLasts) {
  Begin(RetryPolicy::kAuto);
  TakeRun();
  ASSERT_EQ(scheduler_.NextWakeup(), now_ + seconds(10));
  Pass(seconds(10));
  EXPECT_EQ(Take<BecameDurable>().size(), 1u);
  EXPECT_EQ(Take<StartTask>().size(), 4u);

  Submit({"taken"}, Plan(RetryPolicy::kAuto));
  Tell(ResultTaken{{"taken"}});
  Pass(seconds(10));
  EXPECT_TRUE(Take<BecameDurable>().empty());
}

TEST_F(StreamingTest, WaitsForNodesAndThenFails) {
  Submit(query_, Plan(RetryPolicy::kNone));
  EXPECT_EQ(scheduler_.NextWakeup(), now_ + seconds(120));
  Join("a", 1);
  EXPECT_FALSE(Take<StartTask>().empty());
}

TEST_F(StreamingTest, LargeGangsWaitForRoomAndSmallOnesPass) {
  Join("a", 1);
  QueryPlan wide = Plan(RetryPolicy::kNone);
  for (FragmentId id{3}; id.value < 20; ++id.value) {
    wide.fragments.push_back({id, Distribution::kSource, {}, {}, 8, 0});
    wide.fragments[0].inputs.push_back({id, InputMode::kGather});
  }
  wide.fragments.push_back({{20}, Distribution::kHash, {{{2}, InputMode::kPartitioned}}, {}, 1, 0});
  wide.fragments[0].inputs.push_back({{20}, InputMode::kGather});
  Join("b", 1);
  Submit({"one"}, wide);
  const auto one = Take<StartTask>();
  EXPECT_FALSE(one.empty());
  Submit({"two"}, wide);
  EXPECT_TRUE(Take<StartTask>().empty());
  QueryPlan small;
  small.fragments = {{{0}, Distribution::kSingle, {}, {}, 1, 0}};
  small.retry_policy = RetryPolicy::kNone;
  Tell(SubmitQuery{{"small"}, small});
  EXPECT_EQ(TakeStart().task.query.value, "small");
  Tell(CancelQuery{{"one"}, Error{}});
  EXPECT_FALSE(Take<StartTask>().empty());
}

TEST_F(StreamingTest, TakesNoSlotsFromSpooledTasks) {
  Begin(RetryPolicy::kNone);
  TakeRun();
  Tell(SubmitQuery{{"task"}, OneTask()});
  EXPECT_EQ(TakeStart().task.query.value, "task");
}

}  // namespace
}  // namespace planaria::scheduler
