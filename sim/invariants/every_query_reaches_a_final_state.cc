// Once faults have stopped, every client has its answer or an error, once; and in every life of the
// coordinator a query ends once.
#include <set>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "every_query_reaches_a_final_state"; }

  void QuerySubmitted(const ModelQuery& query) override { open_.insert(query.id); }
  void QueryFinished(const ModelQuery& query) override { Decide(query); }
  void QueryFailed(const ModelQuery& query, const Error&) override { Decide(query); }
  void CoordinatorDied() override { decided_.clear(); }
  void ResultRead(const ModelQuery& query, const Rows&) override { End(query); }
  void ResultLost(const ModelQuery& query, const Error&) override { End(query); }
  void Ended(const WorldEnd&) override {
    for (const QueryId& query : open_) Violated(query.value + " never ended");
  }

 private:
  void Decide(const ModelQuery& query) {
    if (!decided_.insert(query.id).second) Violated(query.id.value + " is ended twice");
  }
  void End(const ModelQuery& query) {
    if (open_.erase(query.id) == 0) Violated(query.id.value + " ended twice");
  }

  std::set<QueryId> open_;
  std::set<QueryId> decided_;
};

}  // namespace

std::unique_ptr<Invariant> EveryQueryReachesAFinalState() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
