#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

namespace planaria::scheduler {
namespace {

using std::chrono::seconds;

/// Holds a scheduler and its commands, and speaks in the few words the tests need.
class SchedulerTest : public testing::Test {
 protected:
  const QueryId query_{"q"};
  Scheduler scheduler_;
  TimePoint now_{};
  std::vector<Command> commands_;

  void Tell(const Event& event) {
    for (Command& command : scheduler_.Handle(event, now_)) commands_.push_back(std::move(command));
  }
  void Join(const std::string& node, uint32_t slots, const std::string& instance = "1") {
    Tell(NodeJoined{{node}, instance, slots, 0, false});
  }
  template <typename T>
  std::vector<T> Take() {
    std::vector<T> taken;
    for (const Command& command : commands_) {
      if (const T* found = std::get_if<T>(&command)) taken.push_back(*found);
    }
    std::erase_if(commands_, [](const Command& command) { return std::holds_alternative<T>(command); });
    return taken;
  }
  StartTask TakeStart() {
    auto starts = Take<StartTask>();
    EXPECT_EQ(starts.size(), 1u);
    return starts.empty() ? StartTask{} : starts[0];
  }
  void Finish(const StartTask& start, std::vector<PartitionSize> sizes = {}) {
    Tell(TaskFinished{start.task, {std::move(sizes), nullptr}});
  }
  void Fail(const StartTask& start, ErrorCode code, const std::string& message = "broke") {
    Tell(TaskFailed{start.task, Error{code, message, {}, {}}});
  }
  /// A scan (fragment 1) read whole by a single task (fragment 0).
  QueryPlan ScanAndGather() {
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kSingle, {{{1}, InputMode::kGather}}, {}, 1, 0},
                      {{1}, Distribution::kSource, {}, {7}, 1, 0}};
    return plan;
  }
  QueryPlan OneTask() {
    QueryPlan plan;
    plan.fragments = {{{0}, Distribution::kSingle, {}, {}, 1, 0}};
    return plan;
  }
};

TEST_F(SchedulerTest, RunsAScanThenItsReader) {
  Join("a", 2);
  Tell(SubmitQuery{query_, ScanAndGather()});
  Tell(SplitsAdded{query_, {1}, 7, {{0, 100 << 20}, {1, 100 << 20}}, true});
  const auto scans = Take<StartTask>();
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].splits[0].splits, std::vector<uint32_t>{0});
  Finish(scans[0]);
  EXPECT_TRUE(Take<StartTask>().empty());
  Finish(scans[1]);
  const StartTask reader = TakeStart();
  ASSERT_EQ(reader.inputs.size(), 1u);
  EXPECT_EQ(reader.inputs[0].outputs->size(), 2u);
  Finish(reader);
  EXPECT_EQ(Take<QueryFinished>().size(), 1u);
  EXPECT_EQ(scheduler_.Stages(query_)[1].state, StageState::kFinished);
}

TEST_F(SchedulerTest, RetriesALostTaskElsewhereAtOnce) {
  Join("a", 1);
  Join("b", 1);
  Tell(SubmitQuery{query_, OneTask()});
  const StartTask first = TakeStart();
  Tell(NodeLost{first.node, Error{errors::REMOTE_HOST_GONE, "silent", {}, {}}});
  const StartTask second = TakeStart();
  EXPECT_NE(second.node, first.node);
  EXPECT_EQ(second.task.attempt.value, 1u);
}

}  // namespace
}  // namespace planaria::scheduler
