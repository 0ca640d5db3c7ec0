// What must hold in every world, whatever goes wrong.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/history.h"

namespace planaria::sim {

class Invariant : public Observer {
 public:
  virtual std::string_view name() const = 0;
  /// What contradicted it, in the order of finding; empty while it holds.
  const std::vector<std::string>& violations() const { return violations_; }

 protected:
  void Violated(std::string how) { violations_.push_back(std::move(how)); }

 private:
  std::vector<std::string> violations_;
};

std::unique_ptr<Invariant> OneCommittedAttemptReadPerPartition();
std::unique_ptr<Invariant> OutputIsExactlyTheFaultFreeRows();
std::unique_ptr<Invariant> NothingVisibleFromAFailedWrite();
std::unique_ptr<Invariant> EveryLeaseReleased();
std::unique_ptr<Invariant> NoSpoolObjectOutlivesItsQuery();
std::unique_ptr<Invariant> AttemptsBounded();
std::unique_ptr<Invariant> UserErrorsNeverRetried();
std::unique_ptr<Invariant> EveryQueryReachesAFinalState();
std::unique_ptr<Invariant> QueriesFailOnlyForAReason();

/// One of each.
std::vector<std::unique_ptr<Invariant>> AllInvariants();

}  // namespace planaria::sim
