// What a seed decides: the cluster, the queries, and what goes wrong when.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sim/conditions.h"
#include "sim/model_query.h"

namespace planaria::sim {

struct Story {
  uint64_t seed = 0;
  /// By worker; host n + 1.
  std::vector<uint32_t> slots;
  /// Outputs up to this size travel in their manifests.
  uint64_t inline_bytes = 0;
  /// What a stream keeps in memory, on each side; little, so that it is often full.
  uint64_t stream_bytes = 0;
  std::vector<ModelQuery> queries;
  std::vector<Fault> faults;
  /// Faults end here; from then on everything must come to its end.
  Duration faults_end{};
};

/// Parts of a story that are left out: what shrinking tries.
struct Cuts {
  std::set<uint32_t> queries;
  std::set<uint32_t> faults;
  /// So many workers at most; 0 is no limit.
  uint32_t workers = 0;

  /// As options of `planaria sim`: ` --without q1,f3 --workers 2`.
  std::string ToOptions() const;
  /// Throws TrinoException(INVALID_ARGUMENTS) for anything that ToOptions does not write after `--without`.
  void Parse(std::string_view without);
};

Story MakeStory(uint64_t seed, const Cuts& cuts = {});
std::string Describe(const Fault& fault);

}  // namespace planaria::sim
