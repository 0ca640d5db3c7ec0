#include "scheduler/streaming_run.h"

#include <algorithm>

namespace planaria::scheduler {
namespace {

using std::chrono::milliseconds;

/// How long the error of a reader waits for the one of the task it read from.
constexpr Duration kGrace = milliseconds(200);
/// A reader lost contact with a node that is still there: until this has passed, the node is probably found
/// gone, and the next run does not go there again.
constexpr Duration kLossNotice = milliseconds(1000);

}  // namespace

bool StreamingRun::hold() const {
  if (result_taken_ || policy_ == RetryPolicy::kNone) return false;
  return policy_ == RetryPolicy::kAuto || number_ < limits_.query_retry_attempts;
}

void StreamingRun::Start(TimePoint now) {
  if (started_once_) ++number_;
  started_once_ = true;
  state_ = State::kRunning;
  started_ = now;
  failure_.reset();
  decided_at_.reset();
}

bool StreamingRun::Fail(const Error& error, uint32_t stage, bool node_lost, TimePoint now) {
  const bool decides = node_lost || !IsEcho(error);
  if (failure_ && !decides) return false;
  failure_ = error;
  failed_stage_ = stage;
  if (!decides) decided_at_ = now + kGrace;
  return decides;
}

bool StreamingRun::Repeatable(const Error& error) const {
  // AUTO goes on as TASK, which has an answer to every lack of memory; QUERY would only run into it again.
  if (policy_ == RetryPolicy::kAuto) return error.retriable();
  return error.retriable() && (error.code.type != ErrorType::kInsufficientResources ||
                               error.code == errors::CLUSTER_OUT_OF_MEMORY);
}

StreamingRun::Next StreamingRun::End(TimePoint now, bool node_lost) {
  decided_at_.reset();
  if (policy_ == RetryPolicy::kNone || result_taken_ || !Repeatable(*failure_)) {
    verdict_ = history_.Verdict(*failure_);
    return Next::kFailQuery;
  }
  if (policy_ == RetryPolicy::kAuto) return Next::kBecomeDurable;
  history_.Add(*failure_);
  if (history_.count() > limits_.query_retry_attempts) {
    verdict_ = history_.Verdict();
    return Next::kFailQuery;
  }
  node_may_be_gone_ = IsEcho(*failure_) && !node_lost;
  Duration delay = RetryDelay(FailureKind::kOther, history_.count(), limits_);
  if (node_lost) delay = Duration::zero();
  if (node_may_be_gone_ && ClassifyFailure(*failure_) == FailureKind::kNodeGone) {
    delay = std::min(delay, kLossNotice);
  }
  state_ = State::kDelayed;
  delayed_until_ = now + delay;
  return Next::kRunAgain;
}

std::optional<TimePoint> StreamingRun::due() const {
  if (state_ == State::kDelayed) return delayed_until_;
  if (state_ != State::kRunning) return std::nullopt;
  if (decided_at_) return decided_at_;
  if (policy_ == RetryPolicy::kAuto && !result_taken_) return started_ + limits_.auto_durable_after;
  return std::nullopt;
}

}  // namespace planaria::scheduler
