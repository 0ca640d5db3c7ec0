#include "scheduler/failure.h"

#include <algorithm>
#include <cmath>

namespace planaria::scheduler {
namespace {

/// Trino attaches as many.
constexpr size_t kSuppressed = 5;

}  // namespace

FailureKind ClassifyFailure(const Error& error) {
  if (!error.retriable()) return FailureKind::kUser;
  if (error.code == errors::REMOTE_HOST_GONE || error.code == errors::REMOTE_TASK_MISMATCH ||
      error.code == errors::TOO_MANY_REQUESTS_FAILED) {
    return FailureKind::kNodeGone;
  }
  if (error.code == errors::SERVER_SHUTTING_DOWN) return FailureKind::kHandedBack;
  if (error.code == errors::EXCEEDED_LOCAL_MEMORY_LIMIT ||
      error.code == errors::EXCEEDED_GLOBAL_MEMORY_LIMIT || error.code == errors::CLUSTER_OUT_OF_MEMORY) {
    return FailureKind::kOutOfMemory;
  }
  if (error.code.type == ErrorType::kInsufficientResources) return FailureKind::kResources;
  return FailureKind::kOther;
}

bool IsEcho(const Error& error) {
  const FailureKind kind = ClassifyFailure(error);
  return kind == FailureKind::kNodeGone || error.code == errors::PAGE_TRANSPORT_ERROR ||
         error.code == errors::PAGE_TRANSPORT_TIMEOUT || error.code == errors::REMOTE_TASK_ERROR ||
         error.code == errors::REMOTE_TASK_FAILED;
}

bool IsUsersFault(const Error& error) { return !error.retriable() && error.code != errors::USER_CANCELED; }

Duration RetryDelay(FailureKind kind, uint32_t failures, const QueryLimits& limits) {
  if (kind != FailureKind::kOther) return Duration::zero();
  const double initial = static_cast<double>(limits.retry_initial_delay.count());
  const double grown = initial * std::pow(limits.retry_delay_scale_factor, std::max(1u, failures) - 1);
  const double bounded = std::min(grown, static_cast<double>(limits.retry_max_delay.count()));
  return Duration(static_cast<Duration::rep>(std::max(0.0, bounded)));
}

void FailureHistory::Add(const Error& error) {
  Entry entry{++count_, error};
  entry.error.suppressed.clear();
  if (!first_ || (!IsEcho(error) && IsEcho(first_->error))) first_ = entry;
  recent_.push_back(std::move(entry));
  // One more than is shown, since the verdict itself may be among them.
  if (recent_.size() > kSuppressed + 1) recent_.pop_front();
}

Error FailureHistory::Verdict(const std::optional<Error>& decisive) const {
  Error verdict = decisive ? *decisive : first_->error;
  const uint32_t own_number = decisive ? 0 : first_->number;
  verdict.suppressed.clear();
  for (const Entry& entry : recent_) {
    if (entry.number != own_number) verdict.suppressed.push_back(entry.error);
  }
  if (verdict.suppressed.size() > kSuppressed) verdict.suppressed.erase(verdict.suppressed.begin());
  return verdict;
}

}  // namespace planaria::scheduler
