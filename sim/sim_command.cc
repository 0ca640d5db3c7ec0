#include "sim/sim_command.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <charconv>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/error.h"
#include "sim/shrink.h"
#include "sim/timeline.h"
#include "sim/world.h"

namespace planaria::sim {

namespace {

constexpr uint64_t kDeterminismEvery = 100;
/// A planted bug must show within so many seeds.
constexpr uint64_t kPlantedSeeds = 10'000;

/// Sums over many worlds.
struct Totals {
  uint64_t worlds = 0;
  uint64_t tasks = 0;
  uint64_t merging_tasks = 0;
  uint64_t finished = 0;
  uint64_t failed = 0;
  uint64_t events = 0;
  uint64_t checked_twice = 0;
  Duration simulated{};
  std::array<uint64_t, kFaultKinds> faults{};

  void Add(const Outcome& outcome) {
    worlds++;
    tasks += outcome.tasks;
    merging_tasks += outcome.merging_tasks;
    finished += outcome.queries_finished;
    failed += outcome.queries_failed;
    events += outcome.events;
    simulated += outcome.simulated;
    for (size_t i = 0; i < kFaultKinds; i++) faults[i] += outcome.faults[i];
  }

  void Print(double seconds) const {
    std::cout << fmt::format(
        "{} seeds in {:.1f} s ({:.1f} seeds/s), {} of them twice with equal runs\n"
        "{:.1f} simulated hours, {} events, {} queries finished, {} failed, {} tasks, {} of them "
        "merging\nfaults:",
        worlds, seconds, static_cast<double>(worlds) / seconds, checked_twice,
        std::chrono::duration<double, std::ratio<3600>>(simulated).count(), events, finished, failed, tasks,
        merging_tasks);
    for (size_t i = 0; i < kFaultKinds; i++)
      std::cout << fmt::format("{} {} {}", i == 0 ? "" : ",", FaultName(static_cast<FaultKind>(i)),
                               faults[i]);
    std::cout << std::endl;
  }
};

/// Runs seeds on several threads until one fails. Seeds share nothing.
class Campaign {
 public:
  Campaign(uint64_t first, uint64_t count, uint32_t threads, Plant plant, bool twice)
      : next_(first), end_(first + count), plant_(plant), twice_(twice) {
    std::vector<std::thread> workers;
    for (uint32_t i = 0; i < threads; i++) workers.emplace_back([this] { Work(); });
    for (std::thread& worker : workers) worker.join();
  }
  const Totals& totals() const { return totals_; }
  /// The lowest seed known to fail.
  const std::optional<uint64_t>& failing() const { return failing_; }
  const std::vector<std::string>& violations() const { return violations_; }
  /// Seeds that were left out because they fail without the planted bug as well.
  uint64_t failing_anyway() const { return failing_anyway_; }

 private:
  void Work() {
    while (!stop_) {
      const uint64_t seed = next_++;
      if (seed >= end_) return;
      const Story story = MakeStory(seed);
      Outcome outcome = RunStory(story, plant_);
      const bool again = twice_ || seed % kDeterminismEvery == 0;
      if (again && RunStory(story, plant_).fingerprint != outcome.fingerprint)
        outcome.violations.push_back("determinism: two runs of the same story differ");
      // What fails without the planted bug too says nothing about it.
      if (plant_ != Plant::kNone && !outcome.violations.empty() && !RunStory(story).violations.empty()) {
        failing_anyway_++;
        continue;
      }
      const std::lock_guard lock(mutex_);
      totals_.Add(outcome);
      if (again) totals_.checked_twice++;
      if (outcome.violations.empty() || (failing_ && *failing_ < seed)) continue;
      failing_ = seed;
      violations_ = outcome.violations;
      stop_ = true;
    }
  }

  std::atomic<uint64_t> next_;
  const uint64_t end_;
  const Plant plant_;
  const bool twice_;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> failing_anyway_ = 0;
  std::mutex mutex_;
  Totals totals_;
  std::optional<uint64_t> failing_;
  std::vector<std::string> violations_;
};

std::string Replay(uint64_t seed, const Cuts& cuts, const std::string& plant) {
  return fmt::format("planaria sim --seed {}{}{}", seed, cuts.ToOptions(),
                     plant.empty() ? "" : " --plant " + plant);
}

int Tell(uint64_t seed, const Cuts& cuts, Plant plant) {
  Timeline timeline;
  const Outcome outcome = RunStory(MakeStory(seed, cuts), plant, &timeline);
  for (const std::string& line : timeline.lines()) std::cout << line << '\n';
  for (const std::string& violation : outcome.violations) std::cout << "VIOLATED " << violation << '\n';
  std::cout << fmt::format("fingerprint {:016x}", outcome.fingerprint) << std::endl;
  return outcome.violations.empty() ? 0 : 1;
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int RunSeeds(const SimOptions& options, Plant plant) {
  const auto start = std::chrono::steady_clock::now();
  const Campaign campaign(options.first_seed, options.seeds, options.threads, plant,
                          options.check_determinism);
  campaign.totals().Print(SecondsSince(start));
  if (!campaign.failing()) return 0;
  const uint64_t seed = *campaign.failing();
  std::cout << fmt::format("seed {} fails; replay it with\n  {}\n", seed, Replay(seed, {}, options.plant));
  for (const std::string& violation : campaign.violations()) std::cout << "VIOLATED " << violation << '\n';
  if (campaign.violations()[0].starts_with("determinism")) return 1;
  const Cuts cuts = Shrink(seed, plant, {});
  std::cout << fmt::format("shortest story:\n  {}\n", Replay(seed, cuts, options.plant));
  Tell(seed, cuts, plant);
  return 1;
}

int RunPlanted(const SimOptions& options) {
  bool all = true;
  for (const auto& [plant, name] : kPlants) {
    const Campaign campaign(options.first_seed, kPlantedSeeds, options.threads, plant, false);
    if (campaign.failing_anyway() > 0) {
      std::cout << fmt::format("{:<26} {} seeds fail without it too and do not count", name,
                               campaign.failing_anyway())
                << std::endl;
      all = false;
    }
    if (!campaign.failing()) {
      std::cout << fmt::format("{:<26} NOT FOUND in {} seeds", name, kPlantedSeeds) << std::endl;
      all = false;
      continue;
    }
    std::cout << fmt::format("{:<26} seed {:>5}: {}", name, *campaign.failing(), campaign.violations()[0])
              << std::endl;
  }
  return all ? 0 : 1;
}

}  // namespace

int RunSim(const SimOptions& options) {
  spdlog::set_level(spdlog::level::off);
  try {
    if (options.planted) return RunPlanted(options);
    Plant plant = Plant::kNone;
    if (!options.plant.empty()) {
      const auto named = PlantNamed(options.plant);
      if (!named) throw TrinoException(errors::INVALID_ARGUMENTS, "No planted bug is named " + options.plant);
      plant = *named;
    }
    if (options.seed.empty()) return RunSeeds(options, plant);
    uint64_t seed = 0;
    const char* end = options.seed.data() + options.seed.size();
    if (std::from_chars(options.seed.data(), end, seed).ptr != end)
      throw TrinoException(errors::INVALID_ARGUMENTS, "Not a seed: " + options.seed);
    Cuts cuts;
    cuts.workers = options.workers;
    cuts.Parse(options.without);
    return Tell(seed, cuts, plant);
  } catch (const TrinoException& exception) {
    std::cerr << exception.error().ToString() << std::endl;
    return 100;
  }
}

}  // namespace planaria::sim
