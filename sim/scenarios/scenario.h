// A bug that was found once, as a story of its own: the faults that showed it, at their times, in many
// worlds.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "sim/story.h"
#include "sim/world.h"

namespace planaria::sim {

/// Runs the faults in `worlds` worlds that differ in cluster and queries; every query comes at
/// `submitted_at`, after `change`. No invariant may be violated, and every kind of fault must have struck in
/// at least one of them.
inline void ExpectAllWell(std::vector<Fault> faults, Duration submitted_at, uint64_t worlds = 60,
                          const std::function<void(ModelQuery&)>& change = {}) {
  std::array<uint64_t, kFaultKinds> struck{};
  for (uint64_t seed = 1; seed <= worlds; seed++) {
    Story story = MakeStory(seed);
    story.faults = faults;
    story.faults_end = std::chrono::seconds(25);
    for (ModelQuery& query : story.queries) {
      query.submitted_at = submitted_at;
      if (change) change(query);
    }
    const Outcome outcome = RunStory(story);
    for (const std::string& violation : outcome.violations)
      ADD_FAILURE() << "seed " << seed << ": " << violation;
    for (size_t i = 0; i < kFaultKinds; i++) struck[i] += outcome.faults[i];
  }
  for (const Fault& fault : faults)
    EXPECT_GT(struck[static_cast<size_t>(fault.kind)], 0u) << FaultName(fault.kind) << " never struck";
}

}  // namespace planaria::sim
