// What is wrong with the world at the moment, and how often which wrong was done to it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "env/random.h"

namespace planaria::sim {

enum class FaultKind : uint8_t {
  kKill,                  ///< the process dies, its connections reset, it starts again later
  kPowerLoss,             ///< the machine dies silently, it starts again later
  kFreeze,                ///< the process stands still for a while
  kSlowNode,              ///< tasks take longer
  kPartition,             ///< nothing passes between two machines
  kSlowLink,              ///< messages take longer
  kReset,                 ///< connections break before or after the request was served
  kDuplicate,             ///< repeatable requests arrive twice, the second time late
  kLate,                  ///< requests arrive long after they were sent
  kWriteError,            ///< the store refuses a write
  kFullStore,             ///< the store has no space
  kReadError,             ///< the store refuses a read
  kTorn,                  ///< a finished object loses its end
  kCorrupt,               ///< a finished object has a flipped bit
  kVanish,                ///< an object disappears
  kTaskError,             ///< a task fails by itself
  kOutOfMemory,           ///< a task runs out of memory
  kCancelQuery,           ///< the client cancels
  kCoordinatorKill,       ///< the coordinator dies, its connections reset, it starts again later
  kCoordinatorPowerLoss,  ///< the coordinator's machine dies silently, it starts again later
  kDrain,                 ///< a worker is told to leave, with a grace period; it starts again later
};
inline constexpr size_t kFaultKinds = 21;
std::string_view FaultName(FaultKind kind);

/// One fault of a story. What `target`, `other` and `strength` mean depends on the kind.
struct Fault {
  FaultKind kind = FaultKind::kKill;
  Duration at{};
  Duration lasts{};
  /// A host; for kCancelQuery a query's number.
  uint32_t target = 0;
  /// The other host of a link.
  uint32_t other = 0;
  /// A probability in percent, or a factor.
  uint32_t strength = 0;
};

/// Faults at work, as those who suffer them ask. Every injection is counted.
class Conditions {
 public:
  explicit Conditions(RandomSource& random) : random_(random) {}

  void Begin(const Fault* fault) { active_.push_back(fault); }
  void End(const Fault* fault) { std::erase(active_, fault); }
  void EndAll() { active_.clear(); }

  /// True if nothing passes between the two hosts.
  bool Blocked(uint32_t from, uint32_t to) {
    if (from == to) return false;
    for (const Fault* fault : active_) {
      if (fault->kind == FaultKind::kPartition && Touches(*fault, from, to)) return Count(fault->kind);
    }
    return false;
  }
  /// By how much messages and tasks take longer.
  uint32_t LinkFactor(uint32_t from, uint32_t to) {
    for (const Fault* fault : active_) {
      if (fault->kind == FaultKind::kSlowLink && Touches(*fault, from, to)) {
        Count(fault->kind);
        return fault->strength;
      }
    }
    return 1;
  }
  uint32_t TaskFactor(uint32_t host) {
    for (const Fault* fault : active_) {
      if (fault->kind == FaultKind::kSlowNode && fault->target == host) {
        Count(fault->kind);
        return fault->strength;
      }
    }
    return 1;
  }
  /// Throws the dice of a probabilistic fault.
  bool Strikes(FaultKind kind) {
    for (const Fault* fault : active_) {
      if (fault->kind == kind && random_.Below(100) < fault->strength) return Count(kind);
    }
    return false;
  }

  bool Count(FaultKind kind) {
    counts_[static_cast<size_t>(kind)]++;
    return true;
  }
  const std::array<uint64_t, kFaultKinds>& counts() const { return counts_; }

 private:
  static bool Touches(const Fault& fault, uint32_t from, uint32_t to) {
    return (fault.target == from && fault.other == to) || (fault.target == to && fault.other == from);
  }

  RandomSource& random_;
  std::vector<const Fault*> active_;
  std::array<uint64_t, kFaultKinds> counts_{};
};

}  // namespace planaria::sim
