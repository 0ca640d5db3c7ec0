#include "kernel/plan_estimates.h"

#include <algorithm>
#include <cmath>

#include "kernel/exchange_operator.h"

namespace planaria::kernel {

using duckdb::idx_t;
using duckdb::LogicalOperator;

namespace {

void Collect(const LogicalOperator& plan, duckdb::vector<idx_t>* estimates) {
  estimates->push_back(plan.has_estimated_cardinality ? plan.estimated_cardinality : kNoEstimate);
  for (const auto& child : plan.children) Collect(*child, estimates);
}

void Restore(LogicalOperator& plan, const duckdb::vector<idx_t>& estimates, size_t* next) {
  if (*next >= estimates.size()) throw duckdb::SerializationException("estimates do not fit the plan");
  const idx_t estimate = estimates[(*next)++];
  if (estimate != kNoEstimate) plan.SetEstimatedCardinality(estimate);
  for (auto& child : plan.children) Restore(*child, estimates, next);
}

/// How many times the estimate of `plan` became what it was.
double Refine(LogicalOperator& plan, const std::map<uint32_t, uint64_t>& input_rows, bool* told) {
  if (auto* source = dynamic_cast<LogicalExchangeSource*>(&plan)) {
    const auto rows = input_rows.find(source->exchange_id);
    if (rows == input_rows.end()) return 1;
    *told = true;
    const auto before = static_cast<double>(std::max<idx_t>(1, source->estimated_cardinality));
    source->SetEstimatedCardinality(rows->second);
    return static_cast<double>(rows->second) / before;
  }
  double factor = 1;
  idx_t largest = 0;
  for (auto& child : plan.children) {
    const double of_child = Refine(*child, input_rows, told);
    if (!child->has_estimated_cardinality || child->estimated_cardinality < largest) continue;
    largest = child->estimated_cardinality;
    factor = of_child;
  }
  if (factor != 1 && plan.has_estimated_cardinality) {
    const double rows = std::ceil(static_cast<double>(plan.estimated_cardinality) * factor);
    plan.SetEstimatedCardinality(static_cast<idx_t>(std::min(rows, 1e18)));
  }
  return factor;
}

}  // namespace

duckdb::vector<idx_t> EstimatesOf(const LogicalOperator& plan) {
  duckdb::vector<idx_t> estimates;
  Collect(plan, &estimates);
  return estimates;
}

void RestoreEstimates(LogicalOperator& plan, const duckdb::vector<idx_t>& estimates) {
  size_t next = 0;
  Restore(plan, estimates, &next);
  if (next != estimates.size()) throw duckdb::SerializationException("estimates do not fit the plan");
}

bool RefineEstimates(LogicalOperator& plan, const std::map<uint32_t, uint64_t>& input_rows) {
  bool told = false;
  Refine(plan, input_rows, &told);
  return told;
}

}  // namespace planaria::kernel
