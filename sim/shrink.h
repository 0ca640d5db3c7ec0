// From a failing story to a short one: leaves out queries, faults and workers while it still fails.
#pragma once

#include "sim/plants.h"
#include "sim/story.h"

namespace planaria::sim {

/// The seed must fail with `cuts`; what comes back fails too, with the same invariant first.
Cuts Shrink(uint64_t seed, Plant plant, Cuts cuts);

}  // namespace planaria::sim
