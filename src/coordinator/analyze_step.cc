#include "coordinator/analyze_step.h"

#include <fmt/format.h>

#include <chrono>
#include <map>

#include "base/units.h"

namespace planaria::coordinator {

namespace {

/// What the attempts of one fragment took.
struct Times {
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds longest{0};
};

double Millis(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

}  // namespace

std::string AnalyzeText(const planner::DistributedPlan& plan,
                        const std::vector<scheduler::StageStatus>& stages,
                        const std::vector<scheduler::AttemptStatus>& attempts) {
  std::map<uint32_t, Times> times;
  for (const scheduler::AttemptStatus& attempt : attempts) {
    if (!attempt.ended) continue;
    Times& fragment = times[attempt.task.fragment.value];
    const auto taken = std::chrono::duration_cast<std::chrono::nanoseconds>(*attempt.ended - attempt.started);
    fragment.total += taken;
    fragment.longest = std::max(fragment.longest, taken);
  }
  std::map<uint32_t, const scheduler::StageStatus*> by_fragment;
  for (const scheduler::StageStatus& stage : stages) by_fragment[stage.fragment.value] = &stage;

  std::string text;
  for (auto fragment = plan.fragments.rbegin(); fragment != plan.fragments.rend(); ++fragment) {
    text += planner::ExplainFragmentHead(plan, *fragment);
    const auto stage = by_fragment.find(fragment->id);
    if (stage != by_fragment.end() && stage->second->state == scheduler::StageState::kAborted) {
      text += "    Dropped: the other plan of its join was chosen\n";
    } else if (fragment->id != plan.root().id && stage != by_fragment.end()) {
      const Times& took = times[fragment->id];
      text += fmt::format(
          "    Tasks: {}, failed attempts: {}, time: {:.2f}ms (longest attempt {:.2f}ms), output: {} rows "
          "({}B)\n",
          stage->second->total_tasks, stage->second->failed_attempts, Millis(took.total),
          Millis(took.longest), stage->second->output_rows, stage->second->output_bytes);
    }
    text += planner::ExplainFragmentBody(*fragment);
  }
  return text;
}

}  // namespace planaria::coordinator
