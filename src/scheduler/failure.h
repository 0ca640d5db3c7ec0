// What a failure means for its task: run again at once, run again later, or end the query.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/error.h"
#include "scheduler/plan.h"

namespace planaria::scheduler {

enum class FailureKind : uint8_t {
  /// The statement or its data is at fault: every run would fail.
  kUser,
  /// The node went away; the task itself did nothing wrong.
  kNodeGone,
  /// The node is about to leave and handed the task back: no failure at all.
  kHandedBack,
  /// Memory ran out: more of it, not more time, is what the next run needs.
  kOutOfMemory,
  /// Another limit was hit. Trino retries these without delay.
  kResources,
  kOther,
};

FailureKind ClassifyFailure(const Error& error);

/// True when the error only says that another task or node could not be reached: what happened there is the
/// cause.
bool IsEcho(const Error& error);

/// True when no other attempt puts it right. A cancelled task's error is none: it was cancelled from here.
bool IsUsersFault(const Error& error);

/// The delay before the next run of a task that has failed `failures` times (1 or more). Only kOther waits: a
/// lost node or a lack of memory does not get better by waiting, and both go to another node at once.
Duration RetryDelay(FailureKind kind, uint32_t failures, const QueryLimits& limits);

/// The failures of one partition that count against its attempts.
class FailureHistory {
 public:
  void Add(const Error& error);
  /// The last one was none after all.
  void Forgive() {
    if (count() > 0) forgiven_++;
  }
  uint32_t count() const { return count_ - forgiven_; }

  /// What ends the query: `decisive` itself if given, else the first failure that was not just an echo, with
  /// the last five others as suppressed errors.
  Error Verdict(const std::optional<Error>& decisive = {}) const;

 private:
  struct Entry {
    uint32_t number;
    Error error;
  };
  uint32_t count_ = 0;
  uint32_t forgiven_ = 0;
  std::optional<Entry> first_;
  std::deque<Entry> recent_;
};

}  // namespace planaria::scheduler
