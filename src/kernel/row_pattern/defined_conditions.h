// The conditions of DEFINE over the rows of a partition.
#pragma once

#include <vector>

#include "duckdb/execution/expression_executor.hpp"
#include "kernel/row_pattern/match_values.h"
#include "kernel/row_pattern/pattern_search.h"

namespace planaria::kernel {

/// Conditions that depend on their row alone are computed for many rows at once. Not thread safe; what it
/// gets must outlive it.
class DefinedConditions final : public PatternConditions {
 public:
  DefinedConditions(duckdb::ClientContext& context, const BoundPattern& pattern, MatchValues& values);

  /// Call when `values` has another partition.
  void BeginPartition();

  bool Hold(const PatternMatch& match) override;
  MatchHash History(const PatternMatch& match) const override;
  bool HaveHistory() const override { return !history_.empty(); }
  /// Throws duckdb::InterruptException when the query has ended.
  void KeepGoing() override;

 private:
  struct Condition {
    Condition(duckdb::ClientContext& context, const BoundPattern& pattern, size_t label);

    const BoundOverSlots& bound;
    duckdb::ExpressionExecutor executor;
    ValueChunk chunk;
    /// Depends on its row alone.
    bool by_row = true;
    /// Of each block of rows, when by_row: whether `holds` has its rows, or why not.
    enum class Block : uint8_t { kUnknown, kKnown, kFailed };
    std::vector<Block> blocks;
    std::vector<bool> holds;
  };

  /// Whether all rows with labels of the union are known from where the match begins and ends.
  bool IsUniversal(size_t one) const;
  bool IsOwnRow(const sql::PatternSlot& slot, size_t label) const;
  bool IsHistory(size_t slot, size_t label) const;
  bool HoldsByMatch(Condition& condition, const PatternMatch& match);
  void ComputeBlock(Condition& condition, size_t label, size_t block);
  void MixSeen(const sql::PatternSlot& slot, const PatternMatch& match, MatchHash& hash) const;

  duckdb::ClientContext& context_;
  const BoundPattern& pattern_;
  MatchValues& values_;
  /// Of each label; null for one that every row fits.
  std::vector<std::unique_ptr<Condition>> conditions_;
  /// Slots whose value for a later row depends on what labels earlier rows have.
  std::vector<size_t> history_;
  duckdb::SelectionVector selected_;
};

}  // namespace planaria::kernel
