#include "planner/copied_scans.h"

namespace planaria::planner {

namespace {

template <typename Visit>
void VisitScans(duckdb::LogicalOperator& plan, const Visit& visit) {
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    if (auto* scan = connector::MutableScanOf(plan.Cast<duckdb::LogicalGet>())) visit(*scan);
  }
  for (auto& child : plan.children) VisitScans(*child, visit);
}

}  // namespace

CopiedScans::CopiedScans(duckdb::LogicalOperator& bound) {
  VisitScans(bound, [this](const connector::ScanBindData& scan) {
    if (!scan.entry) return;
    found_.emplace(Name(scan.catalog, scan.schema, scan.table_name), Found{scan.table, scan.entry});
  });
}

void CopiedScans::Restore(duckdb::LogicalOperator& optimized) const {
  VisitScans(optimized, [this](connector::ScanBindData& scan) {
    // Deserialised scans have no entry.
    const auto found =
        scan.entry ? found_.end() : found_.find(Name(scan.catalog, scan.schema, scan.table_name));
    if (found == found_.end()) return;
    scan.table = found->second.table;
    scan.entry = found->second.entry;
  });
}

}  // namespace planaria::planner
