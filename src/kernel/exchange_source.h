// Physical end that reads an exchange: the pages of the task's input, decoded in parallel.
#pragma once

#include "duckdb.hpp"
#include "duckdb/execution/physical_operator.hpp"

namespace planaria::kernel {

class PhysicalExchangeSource : public duckdb::PhysicalOperator {
 public:
  PhysicalExchangeSource(duckdb::PhysicalPlan& plan, duckdb::vector<duckdb::LogicalType> types,
                         uint32_t exchange_id, duckdb::idx_t cardinality);

  duckdb::string GetName() const override { return "EXCHANGE_SOURCE"; }
  bool IsSource() const override { return true; }
  bool ParallelSource() const override { return true; }
  duckdb::OrderPreservationType SourceOrder() const override {
    return duckdb::OrderPreservationType::NO_ORDER;
  }

  duckdb::unique_ptr<duckdb::GlobalSourceState> GetGlobalSourceState(
      duckdb::ClientContext& context) const override;
  duckdb::unique_ptr<duckdb::LocalSourceState> GetLocalSourceState(
      duckdb::ExecutionContext& context, duckdb::GlobalSourceState& global) const override;

 protected:
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override;

 private:
  const uint32_t exchange_id_;
};

}  // namespace planaria::kernel
