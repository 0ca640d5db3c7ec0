// What the client reads is what a run without faults gives: no row lost, none twice, none of somebody else.
#include <algorithm>

#include <fmt/format.h>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "output_is_exactly_the_fault_free_rows"; }

  void ResultRead(const ModelQuery& query, const Rows& read) override {
    if (query.writes) return;
    if (query.poisoned && query.limit == 0) return Violated(query.id.value + " must fail and gave an answer");
    Rows rows = read;
    std::sort(rows.begin(), rows.end());
    const size_t wanted =
        query.limit > 0 ? std::min<size_t>(query.limit, query.expected.size()) : query.expected.size();
    // A LIMIT may choose; without one the whole must be equal.
    if (rows.size() != wanted ||
        !std::includes(query.expected.begin(), query.expected.end(), rows.begin(), rows.end())) {
      Violated(fmt::format("{} gave {} rows, expected {}", query.id.value, rows.size(), wanted) +
               (rows.size() == wanted ? ", others" : ""));
    }
  }
};

}  // namespace

std::unique_ptr<Invariant> OutputIsExactlyTheFaultFreeRows() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
