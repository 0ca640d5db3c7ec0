#include "scheduler/fixture_for_test.h"

namespace planaria::scheduler {
namespace {

/// Four scan tasks in three slots, read by a hash stage.
class EarlyReadingTest : public SchedulerTest {
 protected:
  void Begin(uint32_t slots) {
    Join("a", slots);
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kHash, {{{1}, InputMode::kPartitioned}}, {}, 1, 0},
                      {{1}, Distribution::kSource, {}, {7}, 2, 0}};
    plan.limits.early_reading = true;
    plan.limits.max_task_split_count = 1;
    plan.limits.speculation = false;
    Tell(SubmitQuery{query_, plan});
    Tell(SplitsAdded{query_, {1}, 7, {{0, 1}, {1, 1}, {2, 1}, {3, 1}}, true});
    scans_ = Take<StartTask>();
    Take<StageCut>();
  }
  void FinishScan(const StartTask& scan) { Finish(scan, {{10 << 20, 1}, {10 << 20, 1}}); }
  std::vector<StartTask> scans_;
};

TEST_F(EarlyReadingTest, StartsInIdleSlotsAndIsToldTheRest) {
  Begin(4);
  ASSERT_EQ(scans_.size(), 4u);
  FinishScan(scans_[2]);
  EXPECT_EQ(Take<StageCut>().size(), 1u);
  const StartTask reader = TakeStart();
  EXPECT_EQ(reader.task.fragment.value, 0u);
  EXPECT_FALSE(reader.inputs[0].complete);
  ASSERT_EQ(reader.inputs[0].outputs->size(), 1u);
  EXPECT_EQ(reader.inputs[0].outputs->at(0).partition.value, 2u);
  FinishScan(scans_[0]);
  auto added = Take<AddInputs>();
  ASSERT_EQ(added.size(), 1u);
  EXPECT_EQ(added[0].task, reader.task);
  EXPECT_EQ(added[0].outputs->at(0).partition.value, 0u);
  EXPECT_EQ(added[0].total, std::nullopt);
  const auto second = TakeStart();
  EXPECT_EQ(second.inputs[0].outputs->size(), 2u);
  FinishScan(scans_[1]);
  Take<AddInputs>();
  FinishScan(scans_[3]);
  added = Take<AddInputs>();
  ASSERT_EQ(added.size(), 2u);
  EXPECT_EQ(added[0].total, 4u);
  Finish(reader);
  Finish(second);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
}

TEST_F(EarlyReadingTest, LeavesItsSlotToOthers) {
  Begin(4);
  FinishScan(scans_[0]);
  const StartTask reader = TakeStart();
  Tell(SubmitQuery{{"other"}, OneTask()});
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task, reader.task);
  const StartTask other = TakeStart();
  EXPECT_EQ(other.task.query.value, "other");
  Finish(other);
  EXPECT_EQ(TakeStart().task.attempt.value, 1u);
  EXPECT_EQ(scheduler_.Stages(query_)[1].failed_attempts, 0u);
}

TEST_F(EarlyReadingTest, LeavesItsSlotToATaskThatMayRunNowhereElse) {
  Join("b", 1);
  Begin(3);
  ASSERT_EQ(scans_.size(), 4u);
  const auto on_b = std::find_if(scans_.begin(), scans_.end(),
                                 [](const StartTask& scan) { return scan.node.value == "b"; });
  ASSERT_NE(on_b, scans_.end());
  FinishScan(*on_b);
  const StartTask reader = TakeStart();
  ASSERT_EQ(reader.node.value, "b");
  const StartTask& failing = on_b == scans_.begin() ? scans_[1] : scans_[0];
  Tell(TaskFailed{failing.task, Error{errors::GENERIC_INSUFFICIENT_RESOURCES, "full", {}, {}}});
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task, reader.task);
  // A reader gets the slot that was of no use.
  const auto starts = Take<StartTask>();
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].task.fragment, failing.task.fragment);
  EXPECT_EQ(starts[0].task.partition, failing.task.partition);
  EXPECT_EQ(starts[0].node.value, "b");
  EXPECT_EQ(starts[1].node.value, "a");
}

TEST_F(EarlyReadingTest, WaitsWhileTasksAreQueued) {
  Begin(2);
  FinishScan(scans_[0]);
  EXPECT_EQ(TakeStart().task.fragment.value, 1u);
}

TEST_F(EarlyReadingTest, StartsAgainWhenWhatItReadIsLost) {
  Begin(4);
  FinishScan(scans_[0]);
  const StartTask reader = TakeStart();
  Tell(TaskFailed{reader.task, Error{errors::PAGE_TRANSPORT_ERROR, "corrupt", {}, {}}, scans_[0].task});
  const auto starts = Take<StartTask>();
  ASSERT_FALSE(starts.empty());
  EXPECT_EQ(starts[0].task.fragment.value, 1u);
  for (const StartTask& start : starts) EXPECT_EQ(start.task.fragment.value, 1u);
}

TEST_F(EarlyReadingTest, ReadsWhatIsBeingStoredAndItsMakerTakesNoSlot) {
  Begin(2);
  ASSERT_EQ(scans_.size(), 2u);
  Tell(OutputOffered{scans_[0].task, {{{1, 1}, {1, 1}}, nullptr}});
  const StartTask third = TakeStart();
  EXPECT_EQ(third.task.partition.value, 2u);
  // Again: a report may come twice.
  Tell(OutputOffered{scans_[0].task, {{{1, 1}, {1, 1}}, nullptr}});
  EXPECT_TRUE(Take<StartTask>().empty());
  FinishScan(scans_[1]);
  FinishScan(third);
  auto starts = Take<StartTask>();
  ASSERT_EQ(starts.size(), 2u);
  const StartTask reader = starts[0].task.fragment.value == 0 ? starts[0] : starts[1];
  const StartTask fourth = starts[0].task.fragment.value == 0 ? starts[1] : starts[0];
  ASSERT_EQ(reader.task.fragment.value, 0u);
  EXPECT_FALSE(reader.inputs[0].complete);
  EXPECT_EQ(reader.inputs[0].outputs->size(), 3u);
  FinishScan(fourth);
  EXPECT_FALSE(Take<AddInputs>().back().total) << "one is not stored yet";
  FinishScan(scans_[0]);
  const auto added = Take<AddInputs>();
  ASSERT_FALSE(added.empty());
  EXPECT_TRUE(added.back().outputs->empty()) << "it had that already";
  EXPECT_EQ(added.back().total, 4u);
}

TEST_F(EarlyReadingTest, WhatCouldNotBeStoredWasNeverRead) {
  Begin(4);
  Tell(OutputOffered{scans_[0].task, {{{10 << 20, 1}, {10 << 20, 1}}, nullptr}});
  const StartTask reader = TakeStart();
  ASSERT_EQ(reader.inputs[0].outputs->size(), 1u);
  Fail(scans_[0], errors::GENERIC_INTERNAL_ERROR, "the store is full");
  const auto cancelled = Take<CancelTask>();
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].task, reader.task);
  EXPECT_EQ(scheduler_.Stages(query_)[1].failed_attempts, 0u);
}

TEST_F(EarlyReadingTest, AnOfferThatCannotBeReadBlamesNobody) {
  Begin(4);
  Tell(OutputOffered{scans_[0].task, {{{10 << 20, 1}, {10 << 20, 1}}, nullptr}});
  const StartTask reader = TakeStart();
  Tell(TaskFailed{reader.task, Error{errors::REMOTE_HOST_GONE, "not there", {}, {}}, scans_[0].task});
  EXPECT_TRUE(Take<StartTask>().empty()) << "it waits until the output is stored";
  EXPECT_TRUE(Take<QueryFailed>().empty());
  FinishScan(scans_[0]);
  const StartTask again = TakeStart();
  EXPECT_EQ(again.task.partition, reader.task.partition);
  EXPECT_EQ(again.inputs[0].outputs->at(0).attempt.value, 0u);
}

}  // namespace
}  // namespace planaria::scheduler
