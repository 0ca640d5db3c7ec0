// Tasks that start on a part of their inputs.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto kReadsEarly = [](ModelQuery& query) { query.execution.plan.limits.early_reading = true; };

// The message that said that an input was complete overtook one before it: what that one brought was left
// out of the answer.
TEST(Scenario, LastInputsOvertakeEarlierOnes) {
  ExpectAllWell({{.kind = FaultKind::kSlowLink, .at = 4s, .lasts = 15s, .target = 1, .strength = 20}}, 5s,
                400, kReadsEarly);
}

// A task had failed on every node but the one whose only slot an early reader of its output held.
TEST(Scenario, EarlyReaderHoldsTheOnlySlotThatIsLeft) {
  ExpectAllWell({{.kind = FaultKind::kWriteError, .at = 4s, .lasts = 10s, .strength = 25}}, 5s, 400,
                kReadsEarly);
}

}  // namespace
}  // namespace planaria::sim
