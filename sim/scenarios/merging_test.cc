// Exchanges whose outputs are merged before they are read.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

// Whatever is lost, the outputs or what they were merged into, and whoever of the coordinators made the
// decision: every row is read once.
TEST(Scenario, OutputsAreLostBeforeAndAfterTheyAreMerged) {
  std::vector<Fault> faults;
  for (const auto at : {5500ms, 6000ms, 6500ms, 8000ms})
    faults.push_back({.kind = FaultKind::kVanish, .at = at});
  faults.push_back({.kind = FaultKind::kCorrupt, .at = 4s, .lasts = 20s, .strength = 30});
  faults.push_back({.kind = FaultKind::kCoordinatorKill, .at = 6s, .lasts = 1s});
  ExpectAllWell(faults, 5s, 400);
  uint64_t merging = 0;
  for (uint64_t seed = 1; seed <= 100; seed++) merging += RunStory(MakeStory(seed)).merging_tasks;
  EXPECT_GT(merging, 5u);
}

}  // namespace
}  // namespace planaria::sim
