// Scans that the optimiser copied.
//
// DuckDB copies operators through their serialised form, in which a table that only the coordinator knows is
// nothing but its description: such a scan would find no splits.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "connector/table_scan.h"
#include "duckdb/planner/logical_operator.hpp"

namespace planaria::planner {

/// Remembers the tables of a bound plan, and gives them back to the copies of its scans.
class CopiedScans {
 public:
  /// Requires that `bound` was not optimised yet.
  explicit CopiedScans(duckdb::LogicalOperator& bound);

  /// Scans of `optimized` that were copied read the tables, in the versions, that the binder found.
  void Restore(duckdb::LogicalOperator& optimized) const;

 private:
  using Name = std::tuple<std::string, std::string, std::string>;
  struct Found {
    std::shared_ptr<const connector::Table> table;
    std::shared_ptr<duckdb::TableCatalogEntry> entry;
  };

  std::map<Name, Found> found_;
};

}  // namespace planaria::planner
