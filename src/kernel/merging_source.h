// Physical end that reads an exchange whose every producer wrote sorted rows: the runs are merged, not sorted
// again.
#pragma once

#include "duckdb.hpp"
#include "duckdb/execution/physical_operator.hpp"

namespace planaria::kernel {

/// One ORDER BY column, by its position among the exchange's columns.
struct MergeKey {
  duckdb::idx_t column;
  duckdb::OrderType order;
  duckdb::OrderByNullType nulls;
};

/// One thread merges; decoding a run's pages happens when the merge comes to them.
class PhysicalMergingSource : public duckdb::PhysicalOperator {
 public:
  /// `page_types`: the exchange's columns; the operator gives those at `output_columns`.
  PhysicalMergingSource(duckdb::PhysicalPlan& plan, duckdb::vector<duckdb::LogicalType> types,
                        uint32_t exchange_id, duckdb::vector<duckdb::LogicalType> page_types,
                        duckdb::vector<duckdb::idx_t> output_columns, std::vector<MergeKey> keys,
                        duckdb::idx_t cardinality);

  duckdb::string GetName() const override { return "MERGING_SOURCE"; }
  bool IsSource() const override { return true; }
  duckdb::OrderPreservationType SourceOrder() const override {
    return duckdb::OrderPreservationType::FIXED_ORDER;
  }
  duckdb::unique_ptr<duckdb::GlobalSourceState> GetGlobalSourceState(
      duckdb::ClientContext& context) const override;

 protected:
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override;

 private:
  const uint32_t exchange_id_;
  const duckdb::vector<duckdb::LogicalType> page_types_;
  const duckdb::vector<duckdb::idx_t> output_columns_;
  const std::vector<MergeKey> keys_;
};

}  // namespace planaria::kernel
