// When all queries have ended, every slot can be used again and nothing runs or is kept on any node.
#include <fmt/format.h>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "every_lease_released"; }

  void Ended(const WorldEnd& end) override {
    if (end.running_tasks > 0)
      Violated(fmt::format("{} tasks still run for ended queries", end.running_tasks));
    if (end.streamed_outputs > 0)
      Violated(fmt::format("{} streamed outputs of ended queries are kept", end.streamed_outputs));
    if (end.probe_concurrency != end.slots) {
      Violated(fmt::format("a last query got {} of {} slots", end.probe_concurrency, end.slots));
    }
  }
};

}  // namespace

std::unique_ptr<Invariant> EveryLeaseReleased() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
