// EXPLAIN ANALYZE: the text that tells how the query ran.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernel/final_step.h"
#include "planner/distributed_plan.h"
#include "scheduler/status.h"

namespace planaria::coordinator {

/// The plan's fragments with what their tasks did. The fragment that tells this is not among them.
std::string AnalyzeText(const planner::DistributedPlan& plan,
                        const std::vector<scheduler::StageStatus>& stages,
                        const std::vector<scheduler::AttemptStatus>& attempts);

/// Takes the query's rows and gives the text.
class AnalyzeStep : public kernel::FinalStep {
 public:
  AnalyzeStep(std::function<std::vector<scheduler::StageStatus>()> stages,
              std::function<std::vector<scheduler::AttemptStatus>()> attempts,
              std::shared_ptr<const planner::DistributedPlan> plan)
      : stages_(std::move(stages)), attempts_(std::move(attempts)), plan_(std::move(plan)) {}

  bool WantsRows() const override { return false; }
  duckdb::Value Run(duckdb::ColumnDataCollection&) override {
    return duckdb::Value(AnalyzeText(*plan_, stages_(), attempts_()));
  }

 private:
  const std::function<std::vector<scheduler::StageStatus>()> stages_;
  const std::function<std::vector<scheduler::AttemptStatus>()> attempts_;
  const std::shared_ptr<const planner::DistributedPlan> plan_;
};

}  // namespace planaria::coordinator
