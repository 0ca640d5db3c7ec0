// The operators of a fragment as a tree that can be read without the kernel: what EXPLAIN's JSON and
// GRAPHVIZ show.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/planner/column_binding.hpp"

namespace planaria::planner {

struct PlanOperator {
  /// As Trino calls it where it has such a one (`TableScan`, `InnerJoin`), else the kernel's name.
  std::string name;
  /// What it is told, as the kernel names and writes it.
  std::vector<std::pair<std::string, std::string>> details;
  struct Output {
    std::string name;
    std::string type;
  };
  std::vector<Output> outputs;
  /// Estimates of the optimizer.
  uint64_t rows = 0;
  uint64_t bytes = 0;
  /// The fragment whose output it reads.
  std::optional<uint32_t> producer;
  /// Of a scan of a catalog's table: catalog, schema, table.
  std::vector<std::string> table;
  std::vector<PlanOperator> children;
};

/// Describes the pieces of one plan, producers first: names of columns are carried from piece to piece.
class OperatorReader {
 public:
  /// What it asks of the plan's maker.
  struct Estimates {
    std::function<uint64_t(duckdb::LogicalOperator&)> rows;
    std::function<uint64_t(duckdb::LogicalOperator&)> bytes;
  };
  /// `producers`: by number of an exchange source. Both must outlive the reader.
  OperatorReader(Estimates estimates, const std::map<uint32_t, uint32_t>& producers)
      : estimates_(std::move(estimates)), producers_(producers) {}

  PlanOperator Read(duckdb::LogicalOperator& op);

 private:
  using Binding = std::pair<duckdb::idx_t, duckdb::idx_t>;

  void NameColumns(duckdb::LogicalOperator& op);
  void NameColumns(duckdb::idx_t table, const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& named);

  Estimates estimates_;
  const std::map<uint32_t, uint32_t>& producers_;
  std::map<Binding, std::string> names_;
};

}  // namespace planaria::planner
