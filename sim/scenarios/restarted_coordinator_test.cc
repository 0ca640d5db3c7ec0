// Coordinators that die and come back.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto kReadsEarly = [](ModelQuery& query) { query.execution.plan.limits.early_reading = true; };

// An attempt was given up because the answer to its start was lost. The next start of the coordinator did not
// know that and took the task's "I was cancelled" for a user error.
TEST(Scenario, AttemptThatWasGivenUpBeforeTheRestart) {
  ExpectAllWell({{.kind = FaultKind::kReset, .at = 4s, .lasts = 6s, .strength = 30},
                 {.kind = FaultKind::kCoordinatorKill, .at = 5100ms, .lasts = 500ms}},
                5s, 150);
}

// Of several failures before the restart only the first was counted, so that a task was tried too often.
TEST(Scenario, FailuresBeforeTheRestartCount) {
  ExpectAllWell({{.kind = FaultKind::kTaskError, .at = 4s, .lasts = 15s, .strength = 50},
                 {.kind = FaultKind::kCoordinatorPowerLoss, .at = 8s, .lasts = 500ms}},
                5s, 150);
}

// Lost outputs that the coordinator's own tasks had found before the restart counted as good again.
TEST(Scenario, LossesFoundBeforeTheRestartCount) {
  ExpectAllWell({{.kind = FaultKind::kTorn, .at = 4s, .lasts = 15s, .strength = 35},
                 {.kind = FaultKind::kCoordinatorKill, .at = 6s, .lasts = 500ms}},
                5s, 150);
}

// The list of a node's tasks was lost on its way, or was asked for before the last request of the former
// start had arrived: early readers that nobody knew waited for their inputs for ever.
TEST(Scenario, TasksThatNobodyKnowsAfterTheRestart) {
  ExpectAllWell({{.kind = FaultKind::kLate, .at = 4s, .lasts = 6s, .strength = 60},
                 {.kind = FaultKind::kReset, .at = 5s, .lasts = 6s, .strength = 25},
                 {.kind = FaultKind::kCoordinatorPowerLoss, .at = 6s, .lasts = 1s}},
                5s, 150, kReadsEarly);
}

// Some records could not be written, later ones were: the next start used numbers of attempts that ran, and
// would give other rows today.
TEST(Scenario, JournalWithAHole) {
  ExpectAllWell({{.kind = FaultKind::kFullStore, .at = 5010ms, .lasts = 800ms, .strength = 100},
                 {.kind = FaultKind::kCoordinatorKill, .at = 6300ms, .lasts = 500ms}},
                5s, 150);
}

}  // namespace
}  // namespace planaria::sim
