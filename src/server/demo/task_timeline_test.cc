#include "server/demo/task_timeline.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::server {
namespace {

TaskAttempt Attempt(int partition, int attempt, const char* node, const char* state, const char* start,
                    const char* end) {
  const std::string day = "2026-01-02 03:04:";
  return {2, partition, attempt, node, state, ParseUtc(day + start + " UTC"), ParseUtc(day + end + " UTC")};
}

const std::vector<TaskAttempt> kAttempts = {
    Attempt(0, 0, "a", "FINISHED", "05.000000", "05.500000"),
    Attempt(1, 0, "b", "FAILED", "05.000000", "05.600000"),
    Attempt(1, 1, "a", "FINISHED", "05.600000", "06.000000"),
};

TEST(TaskTimelineTest, LossAndRetryAreSeen) {
  const Kill kill{"b", ParseUtc("2026-01-02 03:04:05.250000 UTC"), 1};
  EXPECT_EQ(RenderTimeline(kAttempts, kill, false),
            "  task         start     end  state                    kill\n"
            "a\n"
            "  2.0.0        0.000   0.500  ok       =================================\n"
            "  2.1.1        0.600   1.000  retry                    |                     "
            "##########################\n"
            "b (killed at 0.250 s)\n"
            "  2.1.0        0.000   0.600  lost     xxxxxxxxxxxxxxxx|xxxxxxxxxxxxxxxxxxxxxx\n");
}

TEST(TaskAttemptsTest, RetriedTasksAreCountedOnce) {
  const AttemptCounts counts = CountTasks(kAttempts);
  EXPECT_EQ(counts.tasks, 2u);
  EXPECT_EQ(counts.retried, 1u);
  EXPECT_FALSE(WasReplaced(kAttempts[0], kAttempts));
  EXPECT_TRUE(WasReplaced(kAttempts[1], kAttempts));
  EXPECT_FALSE(WasReplaced(kAttempts[1], {kAttempts[0], kAttempts[1]}));
}

TEST(TaskAttemptsTest, TimesAreReadWithTheirFraction) {
  const WallTime second = ParseUtc("1970-01-02 00:00:01.000000 UTC");
  EXPECT_EQ(second.time_since_epoch(), std::chrono::seconds(86401));
  EXPECT_EQ(ParseUtc("1970-01-02 00:00:01.5 UTC") - second, std::chrono::milliseconds(500));
  EXPECT_EQ(ParseUtc("1970-01-02 00:00:01.012345 UTC") - second, std::chrono::microseconds(12345));
  EXPECT_THROW(ParseUtc("1970-01-02 00:00:01.000 Europe/Berlin"), TrinoException);
  EXPECT_THROW(ParseUtc("today"), TrinoException);
}

}  // namespace
}  // namespace planaria::server
