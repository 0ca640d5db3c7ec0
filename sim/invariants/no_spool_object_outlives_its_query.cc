// Forgotten queries leave nothing in the exchange, and dropped ones nothing in the journal. Only an attempt
// that was given up (its node was out of reach, its request came late) may end after its query was forgotten
// and bring an object back; the next sweep takes that, and what the coordinator had no time to delete before
// it died.
#include <map>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "no_spool_object_outlives_its_query"; }

  void Begins(const Clock& clock) override { clock_ = &clock; }
  void TaskEnded(const protocol::TaskReport& report) override {
    ended_[report.task.query.value + '/' +
           report.task.ToString().substr(report.task.query.value.size() + 1)] = clock_->Now();
  }
  void QueryForgotten(const ModelQuery& query) override { forgotten_[query.id.value] = clock_->Now(); }
  void CoordinatorDied() override { forgotten_.clear(); }
  void Ended(const WorldEnd& end) override {
    for (const std::string& key : end.journal_left) Violated(key + " is left of the journal");
    for (const std::string& key : end.objects_after_sweep) Violated(key + " is left after the sweep");
    for (const std::string& key : end.objects_left) {
      const auto ended = ended_.find(key);
      const auto forgotten = forgotten_.find(key.substr(0, key.find('/')));
      if (ended == ended_.end() || forgotten == forgotten_.end()) continue;
      if (ended->second <= forgotten->second)
        Violated(key + " was there before its query was forgotten, and is still");
    }
  }

 private:
  const Clock* clock_ = nullptr;
  /// By object key.
  std::map<std::string, Duration> ended_;
  std::map<std::string, Duration> forgotten_;
};

}  // namespace

std::unique_ptr<Invariant> NoSpoolObjectOutlivesItsQuery() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
