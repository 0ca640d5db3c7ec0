#include "coordinator/spool_ledger.h"

#include <gtest/gtest.h>

namespace planaria::coordinator {
namespace {

class CountingNodes final : public TaskClient {
 public:
  void Start(const NodeId&, protocol::TaskDescriptor, std::function<void(Error)>) override { started++; }
  void AddInputs(const NodeId&, protocol::AddInputsMessage, std::function<void(Error)>) override {}
  void Cancel(const NodeId&, const TaskId&) override {}
  void DeleteOutputs(const QueryId&) override {}
  int started = 0;
};

class SpoolLedgerTest : public testing::Test {
 protected:
  void Start(const TaskId& task, protocol::RetryPolicy policy) {
    protocol::TaskDescriptor descriptor;
    descriptor.task = task;
    descriptor.retry_policy = policy;
    ledger_.Start({"worker"}, std::move(descriptor), [](const Error&) {});
  }

  const QueryId query_{"20261122_190000_00001_abcde"};
  CountingNodes nodes_;
  SpoolLedger ledger_{nodes_};
};

TEST_F(SpoolLedgerTest, GivesEveryDurableAttemptOnce) {
  const TaskId first{query_, {1}, {2}, {0}};
  const TaskId second{query_, {1}, {2}, {1}};
  const TaskId noted{query_, {0}, {0}, {0}};
  Start(first, protocol::RetryPolicy::kTask);
  Start(second, protocol::RetryPolicy::kTask);
  Start({query_, {3}, {0}, {0}}, protocol::RetryPolicy::kNone);
  Start({{"20261122_190000_00002_abcde"}, {1}, {0}, {0}}, protocol::RetryPolicy::kTask);
  ledger_.Note(noted);
  EXPECT_EQ(nodes_.started, 4);
  const auto writers = ledger_.Take(query_);
  ASSERT_TRUE(writers);
  EXPECT_EQ(writers->all, (std::vector<TaskId>{noted, first, second}));
  EXPECT_EQ(writers->unfinished, writers->all);
  EXPECT_TRUE(ledger_.Take(query_)->all.empty());
}

TEST_F(SpoolLedgerTest, KnowsWhoHasFinishedAndWhoWroteNothing) {
  const TaskId wrote{query_, {1}, {0}, {0}};
  const TaskId reported{query_, {1}, {1}, {0}};
  const TaskId runs{query_, {1}, {2}, {0}};
  for (const TaskId& task : {wrote, reported, runs}) Start(task, protocol::RetryPolicy::kTask);
  ledger_.Finished(wrote, 50'000);
  ledger_.Finished(reported, 0);
  ledger_.Finished({{"20261122_190000_00002_abcde"}, {1}, {0}, {0}}, 50'000);
  const auto writers = ledger_.Take(query_);
  ASSERT_TRUE(writers);
  EXPECT_EQ(writers->all, (std::vector<TaskId>{wrote, runs}));
  EXPECT_EQ(writers->unfinished, std::vector<TaskId>{runs});
}

TEST_F(SpoolLedgerTest, DoesNotKnowWhatAnEarlierStartBegan) {
  ledger_.Resumed(query_);
  Start({query_, {1}, {2}, {0}}, protocol::RetryPolicy::kTask);
  EXPECT_FALSE(ledger_.Take(query_));
  EXPECT_TRUE(ledger_.Take(query_)->all.empty());
}

}  // namespace
}  // namespace planaria::coordinator
