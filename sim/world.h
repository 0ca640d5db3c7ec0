// Runs a story: a safety phase in which faults strike, a liveness phase in which everything must end, and a
// look at what is left.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/history.h"
#include "sim/plants.h"
#include "sim/story.h"

namespace planaria::sim {

struct Outcome {
  /// `invariant: how it was violated`; empty when all is well.
  std::vector<std::string> violations;
  /// Equal for equal runs.
  uint64_t fingerprint = 0;
  Duration simulated{};
  uint64_t events = 0;
  uint64_t tasks = 0;
  /// Those that merged the outputs of others.
  uint64_t merging_tasks = 0;
  uint64_t queries_finished = 0;
  uint64_t queries_failed = 0;
  std::array<uint64_t, kFaultKinds> faults{};
};

/// The same outcome for the same arguments. `listener` hears everything too; may be null.
Outcome RunStory(const Story& story, Plant plant = Plant::kNone, Observer* listener = nullptr);

}  // namespace planaria::sim
