// The two ends of an exchange inside a DuckDB plan.
//
// A fragment's root is an ExchangeSink: it splits rows by the hash of its keys and appends pages to the
// task's output. Its leaves may be ExchangeSources: they stand where another fragment was cut off, repeat
// that subtree's column bindings (so nothing above them changes) and read the task's input of that number.
#pragma once

#include "duckdb.hpp"
#include "duckdb/planner/operator/logical_extension_operator.hpp"
#include "kernel/merging_source.h"

namespace planaria::kernel {

/// Makes DuckDB able to read plans that contain exchange ends. Call once per database, before the first plan.
void RegisterExchangeOperators(duckdb::DBConfig& config);

/// Root of a fragment: gives one BIGINT, the number of rows written.
class LogicalExchangeSink : public duckdb::LogicalExtensionOperator {
 public:
  /// `keys` decide the partition; without keys rows go round-robin over the partitions, a chunk at a time.
  /// `ordered` keeps the child's order within the (then single) partition.
  LogicalExchangeSink(uint32_t partition_count, duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> keys,
                      bool ordered);

  duckdb::string GetName() const override { return "EXCHANGE_SINK"; }
  duckdb::string GetExtensionName() const override;
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override;
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context,
                                       duckdb::PhysicalPlanGenerator& planner) override;
  void Serialize(duckdb::Serializer& serializer) const override;

  uint32_t partition_count;
  bool ordered;
  /// Of the child, after deserialisation: see RestoreEstimates.
  duckdb::vector<duckdb::idx_t> estimates;

 protected:
  void ResolveTypes() override;
};

/// Leaf: the rows of exchange `exchange_id`, under the bindings of the subtree it replaces.
class LogicalExchangeSource : public duckdb::LogicalExtensionOperator {
 public:
  LogicalExchangeSource(uint32_t exchange_id, duckdb::vector<duckdb::ColumnBinding> bindings,
                        duckdb::vector<duckdb::LogicalType> column_types, duckdb::idx_t cardinality);

  duckdb::string GetName() const override { return "EXCHANGE_SOURCE " + std::to_string(exchange_id); }
  duckdb::string GetExtensionName() const override;
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override { return bindings; }
  duckdb::vector<duckdb::idx_t> GetTableIndex() const override;
  duckdb::idx_t EstimateCardinality(duckdb::ClientContext&) override { return estimated_cardinality; }
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context,
                                       duckdb::PhysicalPlanGenerator& planner) override;
  void Serialize(duckdb::Serializer& serializer) const override;

  uint32_t exchange_id;
  /// Planning only, not serialised: true when task i reads partition i, false when every task reads
  /// everything.
  bool partitioned = false;
  /// What the rows come from filters them: see IsFiltering.
  bool filtered = false;
  duckdb::vector<duckdb::ColumnBinding> bindings;
  /// Of all columns of the exchange, those that `bindings` do not name included.
  duckdb::vector<duckdb::LogicalType> column_types;
  /// Positions of the columns that `bindings` name; all of them unless the rows are merged.
  duckdb::vector<duckdb::idx_t> output_columns;
  /// When not empty, every producer's rows are sorted by these and come out merged.
  std::vector<MergeKey> merge_keys;

 protected:
  void ResolveTypes() override;
};

}  // namespace planaria::kernel
