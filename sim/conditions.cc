#include "sim/conditions.h"

namespace planaria::sim {

std::string_view FaultName(FaultKind kind) {
  switch (kind) {
    case FaultKind::kKill:
      return "kill";
    case FaultKind::kPowerLoss:
      return "power-loss";
    case FaultKind::kFreeze:
      return "freeze";
    case FaultKind::kSlowNode:
      return "slow-node";
    case FaultKind::kPartition:
      return "partition";
    case FaultKind::kSlowLink:
      return "slow-link";
    case FaultKind::kReset:
      return "reset";
    case FaultKind::kDuplicate:
      return "duplicate-request";
    case FaultKind::kLate:
      return "late-request";
    case FaultKind::kWriteError:
      return "write-error";
    case FaultKind::kFullStore:
      return "full-store";
    case FaultKind::kReadError:
      return "read-error";
    case FaultKind::kTorn:
      return "torn-object";
    case FaultKind::kCorrupt:
      return "corrupt-object";
    case FaultKind::kVanish:
      return "vanished-object";
    case FaultKind::kTaskError:
      return "task-error";
    case FaultKind::kOutOfMemory:
      return "out-of-memory";
    case FaultKind::kCancelQuery:
      return "cancel-query";
    case FaultKind::kCoordinatorKill:
      return "coordinator-kill";
    case FaultKind::kCoordinatorPowerLoss:
      return "coordinator-power-loss";
    case FaultKind::kDrain:
      return "drain";
  }
  return "";
}

}  // namespace planaria::sim
