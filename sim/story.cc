#include "sim/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace planaria::sim {

using namespace std::chrono_literals;

std::string Cuts::ToOptions() const {
  std::string list;
  for (const uint32_t query : queries) list += fmt::format("{}q{}", list.empty() ? "" : ",", query);
  for (const uint32_t fault : faults) list += fmt::format("{}f{}", list.empty() ? "" : ",", fault);
  std::string options;
  if (!list.empty()) options += " --without " + list;
  if (workers > 0) options += fmt::format(" --workers {}", workers);
  return options;
}

void Cuts::Parse(std::string_view without) {
  while (!without.empty()) {
    const std::string_view item = without.substr(0, without.find(','));
    without.remove_prefix(std::min(item.size() + 1, without.size()));
    uint32_t number = 0;
    const char* end = item.data() + item.size();
    if (item.size() < 2 || std::from_chars(item.data() + 1, end, number).ptr != end ||
        (item[0] != 'q' && item[0] != 'f')) {
      throw TrinoException(errors::INVALID_ARGUMENTS, fmt::format("'{}' is neither q<n> nor f<n>", item));
    }
    (item[0] == 'q' ? queries : faults).insert(number);
  }
}

namespace {

Duration Millis(RandomSource& random, uint64_t from, uint64_t to) {
  return std::chrono::milliseconds(from + random.Below(to - from));
}

Fault MakeFault(RandomSource& random, const Story& story, uint32_t queries) {
  Fault fault;
  fault.kind = static_cast<FaultKind>(random.Below(kFaultKinds));
  const auto workers = static_cast<uint32_t>(story.slots.size());
  fault.at = 1s + Duration(random.Below(static_cast<uint64_t>((story.faults_end - 1s).count())));
  fault.lasts = Millis(random, 20, random.Below(3) == 0 ? 15'000 : 2'000);
  fault.target = static_cast<uint32_t>(1 + random.Below(workers));
  switch (fault.kind) {
    case FaultKind::kFreeze:
      if (random.Below(5) == 0) fault.target = 0;
      break;
    case FaultKind::kPartition:
    case FaultKind::kSlowLink:
      fault.strength = static_cast<uint32_t>(2 + random.Below(60));
      // Mostly between the coordinator and a worker.
      fault.other = random.Below(2) == 0 ? 0 : static_cast<uint32_t>(random.Below(workers + 1));
      break;
    case FaultKind::kSlowNode:
      fault.strength = static_cast<uint32_t>(2 + random.Below(60));
      break;
    case FaultKind::kReset:
    case FaultKind::kDuplicate:
    case FaultKind::kLate:
      fault.strength = static_cast<uint32_t>(5 + random.Below(60));
      break;
    case FaultKind::kFullStore:
      fault.strength = 100;
      break;
    case FaultKind::kCancelQuery:
      fault.target = static_cast<uint32_t>(random.Below(queries));
      break;
    case FaultKind::kCoordinatorKill:
    case FaultKind::kCoordinatorPowerLoss:
      fault.target = 0;
      break;
    case FaultKind::kDrain:
      break;
    default:
      fault.strength = static_cast<uint32_t>(2 + random.Below(random.Below(4) == 0 ? 98 : 30));
      break;
  }
  return fault;
}

}  // namespace

Story MakeStory(uint64_t seed, const Cuts& cuts) {
  // Independent streams: what is cut from one part leaves the others as they are.
  SeededRandom cluster(Mix(seed * 4 + 1));
  SeededRandom work(Mix(seed * 4 + 2));
  SeededRandom trouble(Mix(seed * 4 + 3));
  SeededRandom policies(Mix(Mix(seed) + 1));
  Story story;
  story.seed = seed;
  const uint64_t workers = 1 + cluster.Below(cluster.Below(3) == 0 ? 8 : 4);
  for (uint64_t i = 0; i < workers; i++) story.slots.push_back(static_cast<uint32_t>(1 + cluster.Below(4)));
  const uint64_t inlines[] = {0, 64, 32 << 10};
  story.inline_bytes = inlines[cluster.Below(3)];
  const uint64_t streams[] = {1, 300, 2000};
  story.stream_bytes = streams[cluster.Below(3)];
  const auto queries = static_cast<uint32_t>(1 + work.Below(4));
  for (uint32_t i = 0; i < queries; i++) {
    SeededRandom random(work.Next());
    ModelQuery query = MakeQuery(i, random);
    ChoosePolicy(query, policies);
    if (!cuts.queries.contains(i)) story.queries.push_back(std::move(query));
  }
  story.faults_end = Millis(trouble, 4'000, 25'000);
  const uint64_t faults = trouble.Below(10);
  for (uint32_t i = 0; i < faults; i++) {
    const Fault fault = MakeFault(trouble, story, queries);
    if (!cuts.faults.contains(i)) story.faults.push_back(fault);
  }
  if (cuts.workers > 0 && cuts.workers < story.slots.size()) story.slots.resize(cuts.workers);
  return story;
}

std::string Describe(const Fault& fault) {
  std::string text =
      fmt::format("{:.3f}s {}", std::chrono::duration<double>(fault.at).count(), FaultName(fault.kind));
  if (fault.kind == FaultKind::kPartition || fault.kind == FaultKind::kSlowLink) {
    text += fmt::format(" h{} and h{}", fault.target, fault.other);
  } else if (fault.kind == FaultKind::kCancelQuery) {
    text += fmt::format(" {}", fault.target);
  } else if (fault.kind <= FaultKind::kSlowNode || fault.kind == FaultKind::kDrain) {
    text += fmt::format(" h{}", fault.target);
  }
  if (fault.strength > 0) text += fmt::format(", strength {}", fault.strength);
  return text + fmt::format(", for {:.3f}s", std::chrono::duration<double>(fault.lasts).count());
}

}  // namespace planaria::sim
