// Physical end that fills an exchange: rows to partitions, partitions to pages, pages to the task's output.
#pragma once

#include "duckdb.hpp"
#include "duckdb/execution/physical_operator.hpp"

namespace planaria::kernel {

/// Parallel unless ordered. Every thread collects a page per partition and hands it over when it is full;
/// what is left at the end is merged across threads so that small outputs stay few pages.
class PhysicalExchangeSink : public duckdb::PhysicalOperator {
 public:
  PhysicalExchangeSink(duckdb::PhysicalPlan& plan, duckdb::vector<duckdb::LogicalType> input_types,
                       uint32_t partition_count, duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys,
                       bool ordered);

  duckdb::string GetName() const override { return "EXCHANGE_SINK"; }
  bool IsSink() const override { return true; }
  bool ParallelSink() const override { return !ordered_; }
  bool SinkOrderDependent() const override { return ordered_; }
  bool IsSource() const override { return true; }

  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(
      duckdb::ClientContext& context) const override;
  duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(
      duckdb::ExecutionContext& context) const override;
  duckdb::SinkResultType Sink(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override;
  duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext& context,
                                        duckdb::OperatorSinkCombineInput& input) const override;
  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event,
                                    duckdb::ClientContext& context,
                                    duckdb::OperatorSinkFinalizeInput& input) const override;

 protected:
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context, duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override;

 private:
  const duckdb::vector<duckdb::LogicalType> input_types_;
  const uint32_t partition_count_;
  const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys_;
  const bool ordered_;
};

}  // namespace planaria::kernel
