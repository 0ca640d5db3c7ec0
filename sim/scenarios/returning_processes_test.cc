// Nodes that come back, as the same process or as another one.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

// The first announcement of a process was under way for so long that its successor had joined: it drove out
// the node, and tasks sent meanwhile were forgotten.
TEST(Scenario, AnnouncementOfADeadProcessArrivesLate) {
  ExpectAllWell({{.kind = FaultKind::kLate, .at = 1s, .lasts = 2s, .strength = 60},
                 {.kind = FaultKind::kPowerLoss, .at = 3100ms, .lasts = 400ms, .target = 1}},
                6s);
}

// A machine lost power and was back before anybody noticed: the new process ran what was meant for the old.
TEST(Scenario, RequestReachesTheNextProcess) {
  ExpectAllWell({{.kind = FaultKind::kPowerLoss, .at = 5s, .lasts = 1560ms, .target = 1}}, 5200ms);
}

// A node that could not be reached for a while went on with tasks that had been given to others.
TEST(Scenario, PartitionedNodeReturns) {
  ExpectAllWell({{.kind = FaultKind::kSlowNode, .at = 4s, .lasts = 10s, .target = 1, .strength = 37},
                 {.kind = FaultKind::kPartition, .at = 6s, .lasts = 1500ms, .target = 1, .other = 0}},
                5s);
}

TEST(Scenario, FrozenNodeReturns) {
  ExpectAllWell({{.kind = FaultKind::kSlowNode, .at = 4s, .lasts = 10s, .target = 1, .strength = 37},
                 {.kind = FaultKind::kFreeze, .at = 6s, .lasts = 1500ms, .target = 1}},
                5s);
}

// An attempt was lost with its node, committed after all, and its output was lost then: that is one attempt
// used, not two.
TEST(Scenario, OutputOfAReturnedAttemptIsLost) {
  ExpectAllWell({{.kind = FaultKind::kPartition, .at = 6s, .lasts = 1500ms, .target = 1, .other = 0},
                 {.kind = FaultKind::kVanish, .at = 8s},
                 {.kind = FaultKind::kVanish, .at = 9s}},
                5s, 150);
}

}  // namespace
}  // namespace planaria::sim
