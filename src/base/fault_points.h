// Faults on purpose, for tests: named places in the code where a rule may make something go wrong.
//
// Compiled in and off: without rules a point costs one relaxed load. Rules come from
// `PUT /v1/fault` on nodes whose configuration says `fault-injection.enabled=true` (server/fault_routes.h),
// and every rule counts how often it fired, so that a test can tell a fault survived from a fault that never
// was. docs/testing.md lists the points.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/units.h"

namespace planaria {

enum class FaultAction : uint8_t {
  kFail,    ///< the error of the rule
  kDelay,   ///< the work goes on after the rule's delay
  kHang,    ///< the work stands still until the rules are replaced
  kKill,    ///< SIGKILL to this process
  kFreeze,  ///< SIGSTOP to this process: all of it stands still until somebody sends SIGCONT
};

struct FaultRule {
  std::string point;
  FaultAction action = FaultAction::kFail;
  /// kFail.
  Error error;
  /// kDelay.
  Duration delay = Duration::zero();
  /// Which tasks; nothing matches all, and points without a task.
  std::optional<uint32_t> fragment = {};
  std::optional<uint32_t> partition = {};
  /// Only attempts up to this number.
  uint32_t last_attempt = UINT32_MAX;
  /// Fires so often, then no more.
  uint32_t times = UINT32_MAX;
  /// Set by a hit: which Set the rule came with, so that kHang ends with the next one.
  uint64_t generation = 0;
};

/// Thread-safe.
class FaultPoints {
 public:
  /// The process's own.
  static FaultPoints& Instance();

  /// Replaces all rules, forgets their counts and lets hanging work go on.
  void Set(std::vector<FaultRule> rules);
  /// How often each rule has fired, in the order of Set.
  std::vector<uint64_t> Fired() const;

  /// The first rule that fires here, counted as fired. `task` may be nullptr.
  std::optional<FaultRule> Hit(std::string_view point, const TaskId* task) {
    if (!active_.load(std::memory_order_relaxed)) return std::nullopt;
    return FindAndCount(point, task);
  }
  /// Hit, and what the rule says happens: throws TrinoException, returns late, or never returns. Blocks its
  /// thread.
  void Pass(std::string_view point, const TaskId* task) {
    if (auto rule = Hit(point, task)) Apply(*rule);
  }
  void Apply(const FaultRule& rule);

 private:
  std::optional<FaultRule> FindAndCount(std::string_view point, const TaskId* task);

  std::atomic<bool> active_ = false;
  mutable std::mutex mutex_;
  std::condition_variable replaced_;
  uint64_t generation_ = 0;
  std::vector<FaultRule> rules_;
  std::vector<uint64_t> fired_;
};

}  // namespace planaria
