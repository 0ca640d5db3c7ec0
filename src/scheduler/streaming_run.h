// The streaming runs of one query: which one is on, and what its failures lead to. Knows no tasks and no
// nodes.
//
// gathering (splits come) -> waiting (for room in the cluster) -> running -> finished with the query
//                                 ^                                  |
//                                 +--- delayed (until the retry) <---+ a failure
#pragma once

#include <cstdint>
#include <optional>

#include "scheduler/failure.h"
#include "scheduler/plan.h"
#include "scheduler/split_book.h"

namespace planaria::scheduler {

class StreamingRun {
 public:
  enum class State : uint8_t { kGathering, kWaiting, kRunning, kDelayed };
  /// What a run's end leads to.
  enum class Next : uint8_t { kFailQuery, kRunAgain, kBecomeDurable };

  StreamingRun(RetryPolicy policy, const QueryLimits& limits) : policy_(policy), limits_(limits) {}

  SplitBook splits;

  State state() const { return state_; }
  /// 0 for the first run; the attempt number of its tasks.
  uint32_t number() const { return number_; }
  /// A failure would repeat the run: its rows must not be given out before it has ended.
  bool hold() const;

  void BecomeReady() { state_ = State::kWaiting; }
  void Start(TimePoint now);
  void TakeResult() { result_taken_ = true; }

  /// A task failed. True when that decides the run's end now. An error that only says that another task went
  /// away waits a little for that task's own error, which may still be on its way.
  /// A lost node always decides.
  bool Fail(const Error& error, uint32_t stage, bool node_lost, TimePoint now);
  bool has_failed() const { return failure_.has_value(); }
  uint32_t failed_stage() const { return failed_stage_; }

  /// Ends the run that failed (`node_lost`: known for sure to be gone, so nothing is gained by waiting).
  Next End(TimePoint now, bool node_lost);
  /// What ends the query, once End has said so.
  const Error& verdict() const { return *verdict_; }

  /// The wait for a real error, or for the next run, or until AUTO stops streaming; nothing: no time matters.
  std::optional<TimePoint> due() const;
  /// Whether the next run waits though a node may be gone; NodeLost then ends the wait.
  bool waits_for_node_loss() const { return state_ == State::kDelayed && node_may_be_gone_; }

 private:
  bool Repeatable(const Error& error) const;

  const RetryPolicy policy_;
  const QueryLimits limits_;
  State state_ = State::kGathering;
  uint32_t number_ = 0;
  bool started_once_ = false;
  bool result_taken_ = false;
  bool node_may_be_gone_ = false;
  TimePoint started_;
  TimePoint delayed_until_;
  std::optional<Error> failure_;
  uint32_t failed_stage_ = 0;
  /// While the failure may be the echo of another.
  std::optional<TimePoint> decided_at_;
  FailureHistory history_;
  std::optional<Error> verdict_;
};

}  // namespace planaria::scheduler
