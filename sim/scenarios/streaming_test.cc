// Runs whose tasks stream to each other.
#include "sim/scenarios/scenario.h"

namespace planaria::sim {
namespace {

using namespace std::chrono_literals;

// A reader that had everything said so once. When that was lost with its connection its producer waited for
// ever, and the query with it.
TEST(Scenario, AReaderThatEndsIsHeard) {
  ExpectAllWell({{.kind = FaultKind::kReset, .at = 4s, .lasts = 5s, .strength = 50}}, 5s, 200,
                [](ModelQuery& query) {
                  SetPolicy(query, scheduler::RetryPolicy::kQuery);
                  query.execution.plan.limits.query_retry_attempts = 4;
                });
}

// Rows of a run that cannot be held (the store is full) fail the query when nothing can be repeated any more.
TEST(Scenario, RowsThatCannotBeHeld) {
  ExpectAllWell({{.kind = FaultKind::kFullStore, .at = 4s, .lasts = 15s, .strength = 100}}, 5s, 200,
                [](ModelQuery& query) {
                  SetPolicy(query, scheduler::RetryPolicy::kQuery);
                  query.execution.plan.limits.query_retry_attempts = 2;
                });
}

}  // namespace
}  // namespace planaria::sim
