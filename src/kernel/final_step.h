// What the coordinator does with a query's last rows instead of giving them to the client: it commits a
// write, or tells how the query ran (EXPLAIN ANALYZE). In a plan it is an operator that takes all rows and
// gives one value; what happens is lent by the task, under the step's number.
#pragma once

#include "duckdb.hpp"
#include "duckdb/planner/operator/logical_extension_operator.hpp"

namespace planaria::kernel {

/// Run may be called more than once, by attempts of the coordinator's task, also at the same time.
class FinalStep {
 public:
  virtual ~FinalStep() = default;
  /// False: Run gets no rows.
  virtual bool WantsRows() const = 0;
  /// Called when all rows are there; gives the operator's only value.
  virtual duckdb::Value Run(duckdb::ColumnDataCollection& rows) = 0;
};

/// Makes DuckDB able to read plans with final steps. Call once per database, before the first plan.
void RegisterFinalStepOperator(duckdb::DBConfig& config);

class LogicalFinalStep : public duckdb::LogicalExtensionOperator {
 public:
  /// `name` is what EXPLAIN shows.
  LogicalFinalStep(uint32_t number, std::string name, duckdb::LogicalType type)
      : number_(number), name_(std::move(name)), type_(std::move(type)) {}

  duckdb::string GetName() const override { return name_; }
  duckdb::string GetExtensionName() const override;
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override;
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context,
                                       duckdb::PhysicalPlanGenerator& planner) override;
  void Serialize(duckdb::Serializer& serializer) const override;

 protected:
  void ResolveTypes() override { types = {type_}; }

 private:
  const uint32_t number_;
  const std::string name_;
  const duckdb::LogicalType type_;
};

}  // namespace planaria::kernel
