#include "sim/shrink.h"

#include <string>

#include "sim/world.h"

namespace planaria::sim {

namespace {

/// The name of the first violated invariant; empty when all is well.
std::string FailureOf(uint64_t seed, Plant plant, const Cuts& cuts) {
  const Outcome outcome = RunStory(MakeStory(seed, cuts), plant);
  return outcome.violations.empty() ? "" : outcome.violations[0].substr(0, outcome.violations[0].find(':'));
}

constexpr uint32_t kMostParts = 16;

}  // namespace

Cuts Shrink(uint64_t seed, Plant plant, Cuts cuts) {
  const std::string failure = FailureOf(seed, plant, cuts);
  const auto fails = [&](const Cuts& tried) { return FailureOf(seed, plant, tried) == failure; };
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (uint32_t part = 0; part < kMostParts; part++) {
      for (auto list : {&Cuts::queries, &Cuts::faults}) {
        Cuts tried = cuts;
        if (!(tried.*list).insert(part).second) continue;
        if (MakeStory(seed, tried).queries.empty() || !fails(tried)) continue;
        const Story before = MakeStory(seed, cuts);
        const Story after = MakeStory(seed, tried);
        // Parts that the story never had are not worth naming.
        if (before.queries.size() == after.queries.size() && before.faults.size() == after.faults.size())
          continue;
        cuts = tried;
        smaller = true;
      }
    }
    const auto workers = static_cast<uint32_t>(MakeStory(seed, cuts).slots.size());
    for (uint32_t fewer = 1; fewer < workers; fewer++) {
      Cuts tried = cuts;
      tried.workers = fewer;
      if (!fails(tried)) continue;
      cuts = tried;
      smaller = true;
      break;
    }
  }
  return cuts;
}

}  // namespace planaria::sim
