// Workers that leave.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

// Whatever is under way, a drain alone fails nothing, also where nothing may be tried twice.
TEST(Scenario, ADrainFailsNoQuery) {
  uint64_t drains = 0;
  uint64_t finished = 0;
  for (uint64_t seed = 1; seed <= 120; seed++) {
    Story story = MakeStory(seed);
    story.faults.clear();
    for (uint32_t host = 1; host <= story.slots.size(); host++) {
      story.faults.push_back(
          {.kind = FaultKind::kDrain, .at = 5s + host * 300ms, .lasts = 1500ms, .target = host});
    }
    story.faults_end = 20s;
    uint64_t user_errors = 0;
    for (ModelQuery& query : story.queries) {
      query.submitted_at = 5s;
      SetPolicy(query, scheduler::RetryPolicy::kTask);
      query.execution.plan.limits.task_retry_attempts = 0;
      user_errors += query.poisoned ? 1 : 0;
    }
    const Outcome outcome = RunStory(story);
    for (const std::string& violation : outcome.violations)
      ADD_FAILURE() << "seed " << seed << ": " << violation;
    EXPECT_LE(outcome.queries_failed, user_errors) << "seed " << seed;
    drains += outcome.faults[static_cast<size_t>(FaultKind::kDrain)];
    finished += outcome.queries_finished;
  }
  EXPECT_GT(drains, 100u);
  EXPECT_GT(finished, 100u);
}

}  // namespace
}  // namespace planaria::sim
