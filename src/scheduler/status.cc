#include "scheduler/status.h"

namespace planaria::scheduler {

std::string_view StageStateName(StageState state) {
  switch (state) {
    case StageState::kPlanned:
      return "PLANNED";
    case StageState::kScheduling:
      return "SCHEDULING";
    case StageState::kRunning:
      return "RUNNING";
    case StageState::kPending:
      return "PENDING";
    case StageState::kFinished:
      return "FINISHED";
    case StageState::kAborted:
      return "ABORTED";
    case StageState::kFailed:
      return "FAILED";
  }
  return "UNKNOWN";
}

std::string_view AttemptStateName(AttemptState state) {
  switch (state) {
    case AttemptState::kRunning:
      return "RUNNING";
    case AttemptState::kCommitted:
      return "FINISHED";
    case AttemptState::kFailed:
      return "FAILED";
    case AttemptState::kLost:
      return "LOST";
    case AttemptState::kCanceled:
      return "CANCELED";
    case AttemptState::kInvalidated:
      return "INVALIDATED";
  }
  return "UNKNOWN";
}

}  // namespace planaria::scheduler
