#include "env/http_fault.h"

#include <thread>

namespace planaria {

bool FaultTakesCall(std::string_view point, const TaskId* task, const std::shared_ptr<HttpCall>& call) {
  auto rule = FaultPoints::Instance().Hit(point, task);
  if (!rule) return false;
  switch (rule->action) {
    case FaultAction::kFail:
      call->Respond(TextResponse(500, rule->error.message));
      return true;
    case FaultAction::kDelay:
    case FaultAction::kHang:
      std::thread([rule = std::move(*rule), call] {
        FaultPoints::Instance().Apply(rule);
        call->Respond(TextResponse(503, "Held back by a fault rule"));
      }).detach();
      return true;
    case FaultAction::kKill:
    case FaultAction::kFreeze:
      FaultPoints::Instance().Apply(*rule);
  }
  return true;
}

}  // namespace planaria
