// What is known about the rows of a plan piece that has not been cut yet.
#pragma once

#include <optional>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/planner/column_binding.hpp"

namespace planaria::planner {

/// Columns that hold the same value in every row, any of which may stand for the key.
using PartitionKey = std::vector<duckdb::ColumnBinding>;

struct Partitioning {
  /// One task sees all rows.
  bool single = true;
  /// Must run on the coordinator (its scans are of system tables).
  bool coordinator = false;
  /// Tasks are made from splits.
  bool source = false;
  /// Tasks are the partitions of hash or round-robin exchanges.
  uint32_t partition_count = 1;
  /// Rows with equal keys are in the same task; empty: rows lie anywhere.
  std::vector<PartitionKey> keys;
  /// The piece holds a join that may still be run by another plan, and its rows then lie otherwise
  /// (Fragmenter::TwoPlans, by number).
  std::optional<size_t> two_plans = {};

  static Partitioning Single() { return {}; }
  static Partitioning Source() {
    return {.single = false, .coordinator = false, .source = true, .partition_count = 0, .keys = {}};
  }
  static Partitioning Hash(uint32_t count, std::vector<PartitionKey> keys) {
    return {.single = false,
            .coordinator = false,
            .source = false,
            .partition_count = count,
            .keys = std::move(keys)};
  }

  /// For those who rely on how the rows lie: joins of the piece run as they are planned.
  Partitioning AsPlanned() const {
    Partitioning planned = *this;
    planned.two_plans.reset();
    return planned;
  }
  /// True when rows that agree in all of `columns` are surely in one task.
  bool GroupsTogether(const std::vector<duckdb::ColumnBinding>& columns) const;
  /// Two pieces that may share a task without an exchange between them, other than single ones.
  bool SameTasks(const Partitioning& other) const {
    return !single && !other.single && !source && !other.source && partition_count == other.partition_count;
  }
};

}  // namespace planaria::planner
