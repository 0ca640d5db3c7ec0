// `planaria sim`: seeded worlds of faults around the real scheduler, coordinator, exchange and worker life
// cycle.
#pragma once

#include <cstdint>
#include <string>

namespace planaria::sim {

struct SimOptions {
  /// One seed, told as a timeline; or `seeds` of them from `first_seed`.
  std::string seed;
  uint64_t seeds = 1000;
  uint64_t first_seed = 1;
  uint32_t threads = 2;
  /// Leave out these queries and faults (`q0,f3`) and all but the first workers.
  std::string without;
  uint32_t workers = 0;
  /// A planted bug by name; or all of them, one after another.
  std::string plant;
  bool planted = false;
  /// Every seed twice; otherwise every 100th.
  bool check_determinism = false;
};

/// The exit code: 0 when all invariants hold (with `planted`: when every bug is found).
int RunSim(const SimOptions& options);

}  // namespace planaria::sim
