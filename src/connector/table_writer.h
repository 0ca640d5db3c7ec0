// The operator that writes a task's rows into a table: rows go into a connector's sinks, commit fragments
// come out, for the final step on the coordinator to commit.
#pragma once

#include <string>
#include <vector>

#include "connector/table_writes.h"
#include "duckdb/planner/operator/logical_extension_operator.hpp"

namespace planaria::connector {

/// Makes DuckDB able to read plans with writers. Call once per database.
void RegisterTableWriter(duckdb::DBConfig& config);

/// Self-contained: a worker needs the catalog's connector, not the table.
struct WriterTarget {
  std::string catalog;
  /// `schema.table`, for EXPLAIN.
  std::string table;
  SinkRequest sink;
  /// Of the table, for messages.
  duckdb::vector<duckdb::string> column_names;
  /// Columns that must not be NULL, by position in the table.
  duckdb::vector<duckdb::idx_t> not_null;
  /// Of each column how many characters it takes at most, 0 for no limit; empty when none has one.
  duckdb::vector<duckdb::idx_t> max_lengths;
};

/// Takes rows in the layout of `target.sink`; gives (fragment BLOB, rows BIGINT). A NULL fragment only
/// counts: the sum of `rows` is the number of rows taken. Throws CONSTRAINT_VIOLATION for NULL where it must
/// not be, INVALID_CAST_ARGUMENT for a text that is too long and not only by blanks.
class LogicalTableWriter : public duckdb::LogicalExtensionOperator {
 public:
  explicit LogicalTableWriter(WriterTarget target) : target_(std::move(target)) {}

  duckdb::string GetName() const override { return "TABLE_WRITER"; }
  duckdb::InsertionOrderPreservingMap<duckdb::string> ParamsToString() const override;
  duckdb::string GetExtensionName() const override;
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override;
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context,
                                       duckdb::PhysicalPlanGenerator& planner) override;
  void Serialize(duckdb::Serializer& serializer) const override;

 protected:
  void ResolveTypes() override { types = {duckdb::LogicalType::BLOB, duckdb::LogicalType::BIGINT}; }

 private:
  const WriterTarget target_;
};

}  // namespace planaria::connector
