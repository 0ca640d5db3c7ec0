// Requests whose answers are lost.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

// The answer to a start was lost, so the attempt counted as failed; its user error, which came a moment
// later, was ignored and the task ran again.
TEST(Scenario, UserErrorOfAnAttemptThatWasGivenUp) {
  ExpectAllWell({{.kind = FaultKind::kReset, .at = 4s, .lasts = 5s, .strength = 40}}, 5s, 200);
}

// Cancellations were lost with their connections, and overtaken by the starts they were meant for.
TEST(Scenario, CancellationsAndStartsOvertakeEachOther) {
  ExpectAllWell({{.kind = FaultKind::kReset, .at = 4s, .lasts = 5s, .strength = 30},
                 {.kind = FaultKind::kLate, .at = 4s, .lasts = 3s, .strength = 30},
                 {.kind = FaultKind::kDuplicate, .at = 4s, .lasts = 5s, .strength = 50},
                 {.kind = FaultKind::kCancelQuery, .at = 6s, .target = 0}},
                5s, 200);
}

}  // namespace
}  // namespace planaria::sim
