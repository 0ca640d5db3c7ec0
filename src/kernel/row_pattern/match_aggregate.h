// An aggregate over the rows of a match that grows row by row.
#pragma once

#include <memory>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/storage/arena_allocator.hpp"
#include "kernel/row_pattern/bound_pattern.h"

namespace planaria::kernel {

/// Not thread safe. `bound` must outlive it.
class MatchAggregate {
 public:
  MatchAggregate(duckdb::ClientContext& context, const BoundAggregates& bound,
                 const duckdb::vector<duckdb::LogicalType>& inputs);

  const BoundAggregates& bound() const { return bound_; }

  /// Has taken no rows.
  void Clear();
  /// What the next rows have, by position in bound().uses: at most STANDARD_VECTOR_SIZE rows, to be filled
  /// before Take.
  duckdb::DataChunk& NextRows();
  void Take(duckdb::idx_t rows);
  /// Writes the value over what was taken.
  void ValueTo(duckdb::Vector& target, duckdb::idx_t index);

 private:
  /// A state of one aggregate function.
  class State {
   public:
    State(duckdb::ClientContext& context, const duckdb::BoundAggregateExpression& call);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();

    void Clear();
    void Take(duckdb::DataChunk& rows);
    void ValueTo(duckdb::Vector& target);

   private:
    void Begin(std::vector<duckdb::data_t>& state);
    void End(std::vector<duckdb::data_t>& state, duckdb::ArenaAllocator& allocator);

    const duckdb::BoundAggregateExpression& call_;
    duckdb::ArenaAllocator allocator_, copy_allocator_;
    duckdb::ExpressionExecutor executor_;
    duckdb::DataChunk arguments_;
    const bool goes_on_;
    std::vector<duckdb::data_t> state_;
    /// Of a state that gives its value and is not used any more.
    std::vector<duckdb::data_t> copy_;
  };

  const BoundAggregates& bound_;
  duckdb::DataChunk rows_;
  std::vector<std::unique_ptr<State>> states_;
  duckdb::ExpressionExecutor result_;
  duckdb::DataChunk values_;
};

}  // namespace planaria::kernel
