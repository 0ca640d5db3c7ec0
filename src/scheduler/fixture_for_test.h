// What the tests of the scheduler share: one scheduler, its commands, and the few words that events need.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "scheduler/scheduler.h"

namespace planaria::scheduler {

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

}  // namespace planaria::scheduler
