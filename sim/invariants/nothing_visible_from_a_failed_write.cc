// A write shows all its rows, each once, when its query succeeded, and nothing when it did not. If the
// coordinator died before it could say which, it is one of the two.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/invariants/invariant.h"

namespace planaria::sim {
namespace {

class Check final : public Invariant {
 public:
  std::string_view name() const override { return "nothing_visible_from_a_failed_write"; }

  void ResultRead(const ModelQuery& query, const Rows&) override { succeeded_.insert(query.id); }
  void QueryUnknown(const ModelQuery& query) override { unknown_.insert(query.id); }
  void TableRows(const ModelQuery& query, const Rows& visible) override {
    const bool unknown = unknown_.contains(query.id);
    if (!succeeded_.contains(query.id) && (!unknown || visible.empty())) {
      if (!visible.empty())
        Violated(fmt::format("{} failed and left {} visible rows", query.id.value, visible.size()));
      return;
    }
    Rows rows = visible;
    std::sort(rows.begin(), rows.end());
    if (rows != query.expected) {
      Violated(
          fmt::format("{} wrote {} rows, expected {}", query.id.value, rows.size(), query.expected.size()));
    }
  }

 private:
  std::set<QueryId> succeeded_;
  std::set<QueryId> unknown_;
};

}  // namespace

std::unique_ptr<Invariant> NothingVisibleFromAFailedWrite() { return std::make_unique<Check>(); }

}  // namespace planaria::sim
