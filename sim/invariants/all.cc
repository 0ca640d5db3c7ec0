#include "sim/invariants/invariant.h"

namespace planaria::sim {

std::vector<std::unique_ptr<Invariant>> AllInvariants() {
  std::vector<std::unique_ptr<Invariant>> all;
  all.push_back(OneCommittedAttemptReadPerPartition());
  all.push_back(OutputIsExactlyTheFaultFreeRows());
  all.push_back(NothingVisibleFromAFailedWrite());
  all.push_back(EveryLeaseReleased());
  all.push_back(NoSpoolObjectOutlivesItsQuery());
  all.push_back(AttemptsBounded());
  all.push_back(UserErrorsNeverRetried());
  all.push_back(EveryQueryReachesAFinalState());
  all.push_back(QueriesFailOnlyForAReason());
  return all;
}

}  // namespace planaria::sim
